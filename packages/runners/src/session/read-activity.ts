import { statSync } from "node:fs";
import type { Instant, Session } from "@agent-control-plane/core";
import { readRunFile } from "./read-run-file.ts";
import { sessionFiles } from "./session-files.ts";

/** What a session does now, as its backend's stream tells. Every text is hostile, and cut. */
export interface Activity {
  /** Of the newest event. */
  readonly at: Instant;
  readonly kind: string;
  /** The tool call that has begun and not ended; null: none. */
  readonly tool: { readonly name: string; readonly detail: string; readonly since: Instant } | null;
  /** The last thing the agent said; null: nothing among the last events. */
  readonly text: string | null;
}

const tailBytes = 64 * 1024;
const mostText = 300;

interface Line {
  readonly at?: unknown;
  readonly kind?: unknown;
  readonly id?: unknown;
  readonly tool?: unknown;
  readonly detail?: unknown;
  readonly text?: unknown;
}

/** Null: it has said nothing yet. Reads the end of the stream, whatever its length. */
export function readActivity({ runDir }: Pick<Session, "runDir">): Activity | null {
  const tail = readRunFile(sessionFiles.events(runDir), { maxBytes: tailBytes, fromEnd: true });
  return tail === null ? null : activityIn(tail);
}

/** Changes whenever there is more to read; null: there is nothing yet. Cheaper than reading. */
export function activityStamp({ runDir }: Pick<Session, "runDir">): string | null {
  const stat = statSync(sessionFiles.events(runDir), { throwIfNoEntry: false });
  return stat ? `${stat.size}.${stat.mtimeMs}` : null;
}

/** Pure. */
export function activityIn(tail: string): Activity | null {
  const lines = tail.split("\n").flatMap(parsed);
  const last = lines.at(-1);
  if (last === undefined) return null;
  const ended = new Set(lines.filter(({ kind }) => kind === "tool-end").map(({ id }) => id));
  const open = lines.findLast(({ kind, id }) => kind === "tool-start" && !ended.has(id));
  const said = lines.findLast(({ kind, text }) => kind === "message" && typeof text === "string");
  return {
    at: Number(last.at),
    kind: cut(String(last.kind)),
    tool: open
      ? { name: cut(String(open.tool)), detail: cut(String(open.detail ?? "")), since: Number(open.at) }
      : null,
    text: said ? cut(String(said.text)) : null,
  };
}

/** The first line of the tail may be cut off, and the last may be being written. */
function parsed(line: string): readonly Line[] {
  try {
    const found = JSON.parse(line) as Line | null;
    return typeof found?.at === "number" && typeof found.kind === "string" ? [found] : [];
  } catch {
    return [];
  }
}

const cut = (text: string): string => (text.length > mostText ? `${text.slice(0, mostText - 1)}…` : text);
