import { claudeBackend } from "../../../src/backends/index.ts";
import type { BackendRow } from "./row.ts";

export const row: BackendRow = {
  backend: claudeBackend,
  cli: "claude",
  model: "claude-sonnet-4-5",
  settings: ({ file, url, scenario }) => ({
    file,
    base_url: url,
    api_key_env: scenario === "429-reset" ? "CLAUDE_CODE_OAUTH_TOKEN" : "A_KEY_OF_OURS",
    max_retries: 0,
    effort: "low",
  }),
  // A time for a limit's end is told to subscriptions only.
  env: ({ scenario }) =>
    scenario === "429-reset" ? { CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat01-test" } : { A_KEY_OF_OURS: "sk-test" },
};
