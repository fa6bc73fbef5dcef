import { codexBackend } from "../../../src/backends/index.ts";
import type { BackendRow } from "./row.ts";

export const row: BackendRow = {
  backend: codexBackend,
  cli: "codex",
  model: null,
  settings: ({ file, url }) => ({ file, base_url: `${url}/v1`, api_key_env: "OPENAI_API_KEY", max_retries: 0 }),
  env: () => ({ OPENAI_API_KEY: "sk-test" }),
};
