import { claudeBackend } from "../../../src/backends/index.ts";
import type { BackendRow } from "./row.ts";

export const row: BackendRow = {
  backend: claudeBackend,
  cli: "claude",
  model: "claude-sonnet-4-5",
  settings: ({ file }) => ({ file, maxRetries: 0, effort: "low" }),
  // A time for a limit's end is told to subscriptions only.
  env: ({ url, scenario }) => ({
    ANTHROPIC_BASE_URL: url,
    ...(scenario === "429-reset" ? { CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat01-test" } : { ANTHROPIC_API_KEY: "sk-test" }),
  }),
};
