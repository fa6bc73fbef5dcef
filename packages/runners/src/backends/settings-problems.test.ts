import { parseProfile } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { backends } from "./index.ts";

it.each([
  ["claude", "base_url: proxy", "write an address, such as https://models.example.com/v1."],
  ["codex", "api_key_env: sk-1", "write the name of the variable that holds the key, not the key."],
  ["pi", "api_key_env: sk-1", "write the name of the variable that holds the key, not the key."],
])("what %s does not take (%s) is told with what it does", (name, line, fix) => {
  const text = `id: web\nrepo: { slug: o/n }\nexecution:\n  coding_worker: codex\n  ${name}: { ${line} }\n`;
  const parsed = parseProfile({
    text,
    file: "/p/control-plane.yaml",
    env: { HOME: "/h" },
    runtimeHome: "/r",
    backends,
  });
  expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.fix)).toEqual([fix]);
});
