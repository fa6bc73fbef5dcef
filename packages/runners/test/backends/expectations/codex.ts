import { codexBackend } from "../../../src/backends/index.ts";
import type { BackendRow } from "./row.ts";

export const row: BackendRow = {
  backend: codexBackend,
  cli: "codex",
  model: null,
  settings: ({ file, url }) => ({
    file,
    mode: "bypass",
    config: [
      "model_provider=scripted",
      `model_providers.scripted={name="scripted",base_url="${url}/v1",wire_api="responses",env_key="OPENAI_API_KEY",request_max_retries=0,stream_max_retries=0}`,
    ],
  }),
  env: () => ({ OPENAI_API_KEY: "sk-test" }),
};
