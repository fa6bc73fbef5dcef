import { openclawBackend } from "../../../src/backends/index.ts";
import type { BackendRow } from "./row.ts";

export const row: BackendRow = {
  backend: openclawBackend,
  cli: "openclaw",
  model: "scripted/model",
  settings: ({ file, url }) =>
    openclawBackend.settings.parse({ file, base_url: `${url}/v1`, price: { input: 1, output: 2 } }),
  env: () => ({ OPENAI_API_KEY: "sk-test" }),
  startsWithinMs: 60_000,
};
