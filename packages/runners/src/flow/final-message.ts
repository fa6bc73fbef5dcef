import { readRunFile } from "../session/read-run-file.ts";
import { sessionFiles } from "../session/session-files.ts";

const tailBytes = 1024 * 1024;

/** What an agent said last, from the end of its events; empty when it said nothing. */
export function readFinalMessage(runDir: string): string {
  const tail = readRunFile(sessionFiles.events(runDir), { maxBytes: tailBytes, fromEnd: true }) ?? "";
  let message = "";
  for (const line of tail.split("\n").reverse()) {
    try {
      const { kind, text } = JSON.parse(line);
      if (typeof text !== "string" || text.trim() === "") continue;
      if (kind === "result") return text;
      if (kind === "message" && message === "") message = text;
    } catch {
      // The first line of the tail, or one that was cut.
    }
  }
  return message;
}
