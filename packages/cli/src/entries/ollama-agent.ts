import { runOllamaAgent } from "@agent-control-plane/runners/ollama-agent";

/** The agent program of the ollama backend: one process a session, started by its wrapper like any vendor's CLI. */
process.exitCode = await runOllamaAgent(process.argv.slice(2), process.env);
