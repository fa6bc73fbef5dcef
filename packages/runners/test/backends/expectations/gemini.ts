import { geminiBackend } from "../../../src/backends/index.ts";
import type { BackendRow } from "./row.ts";

export const row: BackendRow = {
  backend: geminiBackend,
  cli: "gemini",
  model: "gemini-2.5-pro",
  settings: ({ file, url }) => geminiBackend.settings.parse({ file, base_url: url, max_attempts: 2 }),
  env: () => ({ GEMINI_API_KEY: "sk-test" }),
  // It notices itself that the model says the same again and again.
  expected: { chatter: { exitReason: "failed", failureReasons: ["worker-exit-failed"] } },
};
