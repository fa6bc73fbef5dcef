import type { Profile } from "@agent-control-plane/core";
import { describe, expect, it } from "vitest";
import { agentSettings } from "./agent-settings.ts";

const profile = (second: string | null) =>
  ({
    execution: {
      backends: {
        shell: { command: "true" },
        claude: { model: "sonnet", permission_mode: "bypassPermissions", effort: null },
        codex: { model: null, mode: "safe" },
      },
    },
    reviews: { second: { backend: null, model: second } },
  }) as unknown as Profile;
const review = (round: number) => ({ lane: "pr-review", payload: { kind: "pull-request", round } });

describe("the model of a session", () => {
  it.each<[string, string, ReturnType<typeof review>, string | null, string | null]>([
    ["is its backend's", "claude", review(1), "opus", "sonnet"],
    ["is the second review's own", "claude", review(2), "opus", "opus"],
    ["is its backend's where the second review has none", "claude", review(2), null, "sonnet"],
    ["may be left to the backend", "codex", review(1), null, null],
    ["is not a repair's second round's", "claude", { ...review(2), lane: "pr-fix" }, "opus", "sonnet"],
    ["is nobody's in a shell", "shell", review(2), "opus", null],
  ])("%s", (_name, backend, task, second, model) => {
    const found = agentSettings(profile(second), { backend }, task);
    expect(found.model).toBe(model);
    if (backend !== "shell") expect(found.settings.model).toBe(model);
  });

  it("is the one that the session was given, whatever the profile says by now", () => {
    const given = agentSettings(profile("opus"), { backend: "claude", model: "haiku" }, review(2));
    expect(given).toMatchObject({ model: "haiku", settings: { model: "haiku", effort: null } });
    expect(agentSettings(profile("opus"), { backend: "shell", model: "haiku" }, review(1)).model).toBeNull();
  });
});
