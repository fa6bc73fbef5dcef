import { asArray, asNumber, asObject, asText, type Fields, parseJsonLine } from "../backends/json-line.ts";
import { askForLines, type HttpAnswer } from "./http-lines.ts";

export interface ServerAddress {
  readonly baseUrl: string;
  readonly key: string | null;
  readonly stop: AbortSignal;
}

/** What the server says of a model; null where it does not say. */
export interface ModelFacts {
  readonly hasTools: boolean | null;
  readonly numCtx: number | null;
}

/** A question about the server that asks no model. */
export async function askServer(
  { baseUrl, key, stop }: ServerAddress,
  path: string,
  body?: object,
): Promise<{ readonly answer: HttpAnswer; readonly fields: Fields }> {
  let text = "";
  const onLine = (line: string) => {
    text += line;
    return text.length > 16 * 1024 * 1024 ? "enough" : "more";
  };
  const asked = { url: `${baseUrl}${path}`, key, stop, silenceMs: 20_000, onLine };
  const answer = await askForLines(body === undefined ? asked : { ...asked, body });
  return { answer, fields: parseJsonLine(text) ?? {} };
}

/** A model may know much more than the memory for it holds; more than this is asked for in the profile. */
const mostUnasked = 32_768;

/** Pure. From the answer to `/api/show`: what the model's own file sets, else what the model was trained for. */
export function modelFacts(shown: Fields): ModelFacts {
  const capabilities = asArray(shown.capabilities);
  const set = /^num_ctx\s+(\d+)$/m.exec(asText(shown.parameters) ?? "")?.[1];
  const info = asObject(shown.model_info) ?? {};
  const length = Object.entries(info).find(([name]) => name.endsWith(".context_length"))?.[1];
  const known = asNumber(length);
  return {
    hasTools: capabilities.length === 0 ? null : capabilities.includes("tools"),
    numCtx: set ? Number(set) : known === null ? null : Math.min(known, mostUnasked),
  };
}
