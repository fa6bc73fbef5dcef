import { asText } from "../backends/json-line.ts";
import { askServer, type ServerAddress } from "./ask-server.ts";
import { failureOf } from "./judge-answer.ts";

/** Does the server answer, and has it the model? Asks no model and spends no tokens. */
export async function checkServer(
  server: ServerAddress,
  model: string,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  const { answer, fields } = await askServer(server, "/api/version");
  if (answer.kind === "failed" || answer.status !== 200) {
    return { ok: false, text: `no Ollama server at ${server.baseUrl}: ${failureOf(answer, model).text}` };
  }
  const version = asText(fields.version) ?? "of unknown version";
  const shown = await askServer(server, "/api/show", { model });
  if (shown.answer.kind === "answered" && shown.answer.status === 200) {
    return { ok: true, text: `ollama ${version}, ${model} is there` };
  }
  const { reason, text } = failureOf(shown.answer, model);
  const what = reason === "model-unavailable" ? `has no model ${model}; "ollama pull ${model}" gets it` : text;
  return { ok: false, text: `the Ollama server ${version} at ${server.baseUrl} ${what}` };
}
