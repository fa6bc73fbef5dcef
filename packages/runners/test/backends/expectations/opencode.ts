import { opencodeBackend } from "../../../src/backends/index.ts";
import type { BackendRow } from "./row.ts";

export const row: BackendRow = {
  backend: opencodeBackend,
  cli: "opencode",
  model: "scripted/model",
  settings: ({ file, url }) =>
    opencodeBackend.settings.parse({ file, base_url: `${url}/v1`, price: { input: 1, output: 2 } }),
  env: () => ({ OPENAI_API_KEY: "sk-test" }),
  startsWithinMs: 20_000,
};
