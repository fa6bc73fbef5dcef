import { piBackend } from "../../../src/backends/index.ts";
import type { BackendRow } from "./row.ts";

export const row: BackendRow = {
  backend: piBackend,
  cli: "pi",
  model: "scripted/some-model",
  settings: ({ file, url }) =>
    piBackend.settings.parse({ file, base_url: `${url}/v1`, max_retries: 1, price: { input: 1, output: 2 } }),
  env: () => ({ OPENAI_API_KEY: "sk-test" }),
};
