import { kiloBackend } from "../../../src/backends/index.ts";
import type { BackendRow } from "./row.ts";

export const row: BackendRow = {
  backend: kiloBackend,
  cli: "kilo",
  model: "scripted/model",
  settings: ({ file, url }) =>
    kiloBackend.settings.parse({ file, base_url: `${url}/v1`, price: { input: 1, output: 2 } }),
  env: () => ({ OPENAI_API_KEY: "sk-test" }),
  startsWithinMs: 30_000,
};
