import { kiloBackend } from "../../../src/backends/index.ts";
import type { BackendRow } from "./row.ts";

export const row: BackendRow = {
  backend: kiloBackend,
  cli: "kilo",
  model: "scripted/model",
  settings: ({ file, url }) => ({ file, base_url: `${url}/v1`, api: "chat", api_key_env: "SCRIPTED_KEY" }),
  env: () => ({ SCRIPTED_KEY: "sk-test" }),
  startsWithinMs: 30_000,
};
