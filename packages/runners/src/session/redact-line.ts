import { redact } from "@agent-control-plane/core";
import { parseJsonLine } from "../backends/json-line.ts";

/**
 * A line of a program's stream without the secrets that this process knows, for its parser: an event stays an event,
 * whatever the secrets are. A password such as `result` or `100000` may stand in the stream's own words and numbers;
 * those are left, and what is written of them is redacted once more.
 */
export function redactLine(said: string): string {
  const line = redact(said);
  const event = line === said && !spelling.test(said) ? null : parseJsonLine(said);
  if (event === null) return line;
  return JSON.stringify(event, (_, each) => (typeof each === "string" && !ownWord.test(each) ? redact(each) : each));
}

/** Escapes by which the same text is written otherwise. */
const spelling = /\\[u/]/;

/** Too short to be cut: whoever writes it down later finds the whole of it. */
const ownWord = /^[a-z_.-]{1,40}$/i;
