import { ollamaBackend } from "../../../src/backends/index.ts";
import { ollamaProgram } from "../../fixtures/ollama-program.ts";
import type { BackendRow } from "./row.ts";

/** No vendor's program: ours, bundled as it is shipped. */
const file = await ollamaProgram();

export const row: BackendRow = {
  backend: ollamaBackend,
  cli: null,
  model: "scripted-model",
  settings: ({ url }) => ({
    file,
    base_url: url,
    api_key_env: "OLLAMA_API_KEY",
    // Its own bounds would end these before the session's limits do.
    response_timeout_seconds: 300,
    max_turns: 10_000,
  }),
  env: () => ({ OLLAMA_API_KEY: "key-test" }),
  expected: {
    // What Ollama's cloud says of it is a plan's limit.
    "429": { failureReasons: ["usage-limit"] },
    "429-reset": { failureReasons: ["usage-limit"] },
    // The server's own word, of a server that ends its streams in good order.
    malformed: { failureReasons: ["provider-error"] },
  },
};
