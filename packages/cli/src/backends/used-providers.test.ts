import type { Provider } from "@agent-control-plane/core";
import { expect, test } from "vitest";
import { usedProviders } from "./used-providers.ts";

const provider = (backend: string, model: string | null = null, pool: string | null = null): Provider => {
  return { backend, model, account: backend, pool };
};

test("whoever serves something is used, wherever the profile names them, and once each", () => {
  const usual = [provider("claude", "sonnet", "team"), provider("codex", null, "spare")];
  const providers = {
    usual,
    lanes: { "pr-review": [provider("gemini", "pro")], "pr-fix": usual },
    rules: [{ labels: ["big"], providers: [provider("claude", "opus", "team")] }],
    models: { small: [provider("pi", "mini")] },
    ownModels: { opencode: "a/b" },
  };
  const names = (second: { backend: string | null; model: string | null }) =>
    usedProviders({ execution: { providers }, reviews: { second } } as never).map(
      ({ backend, model, pool }) => `${backend} ${model} ${pool}`,
    );
  const others = ["claude sonnet team", "codex null spare", "gemini pro null", "claude opus team", "pi mini null"];
  expect(names({ backend: null, model: null })).toEqual(others);
  expect(names({ backend: "opencode", model: null })).toEqual([...others, "opencode a/b null"]);
  expect(names({ backend: null, model: "haiku" })).toEqual([...others, "claude haiku null"]);
});
