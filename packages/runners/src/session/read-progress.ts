import type { Session } from "@agent-control-plane/core";
import { readRunFile } from "./read-run-file.ts";
import { streamMaxBytes } from "./run-agent.ts";
import { sessionFiles } from "./session-files.ts";

/** It is among the first things a program says; the session's program can write there, too, so it is only a name. */
export function readNativeSessionId({ runDir }: Session): string | null {
  const begin = readRunFile(sessionFiles.events(runDir), { maxBytes: 2 * streamMaxBytes }) ?? "";
  for (const line of begin.split("\n")) {
    try {
      const { kind, nativeSessionId } = JSON.parse(line);
      if (kind === "started" && typeof nativeSessionId === "string") return nativeSessionId;
    } catch {
      // A line that was cut off in the middle, by the crash or by our bound.
    }
  }
  return null;
}

/** Only what comes after the provider has answered: a program says that it has started, and what it sent, before that. */
const answers: ReadonlySet<unknown> = new Set(["message", "tool-start", "tool-end", "usage"]);
const progressTailBytes = 256 * 1024;

/** The session's program can write there, too: the worst it can do is to have others tried a little early. */
export function readProgressAt({ runDir }: Session): number | null {
  const tail = readRunFile(sessionFiles.events(runDir), { maxBytes: progressTailBytes, fromEnd: true }) ?? "";
  for (const line of tail.split("\n").reverse()) {
    try {
      const { kind, at } = JSON.parse(line);
      if (answers.has(kind) && typeof at === "number") return at;
    } catch {
      // The first line of the tail, or the one that is being written.
    }
  }
  return null;
}
