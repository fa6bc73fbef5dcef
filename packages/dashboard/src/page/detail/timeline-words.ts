import { writeText } from "../words.ts";

/** What kind of thing happened; the groups that a timeline is filtered by. */
export type TimelineGroup = "decisions" | "work" | "sessions" | "writes" | "other";

export interface TimelineWords {
  readonly group: TimelineGroup;
  /** What happened, in a word or two. */
  readonly words: string;
  /** More of it, of hostile origin. */
  readonly rest: string;
  readonly tone: "run" | "good" | "wait" | "person" | "bad" | "off";
}

/** Pure. An event for people; one that is not known has its own name. */
export function timelineWords(kind: string, text: string): TimelineWords {
  const group = groups.get(kind.split(".")[0] ?? "") ?? "other";
  const [, code = "", more = ""] = /^(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  if (kind === "decision.changed" && code === "hold")
    return { group, words: "held", rest: heldText(more), tone: "wait" };
  if (kind === "decision.changed" && code === "launch") return { group, words: "may start", rest: more, tone: "run" };
  const [words, tone] = table.get(kind) ?? [kind.replace(/[.-]/g, " "), "off"];
  return { group, words, tone, rest: group === "writes" ? `${writeText(code)} ${more}`.trim() : text };
}

/** `not-opted-in the words of it` as `not opted in: the words of it`. */
function heldText(text: string): string {
  const [, code = "", detail = ""] = /^(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  return [code.replaceAll("-", " "), detail].filter(Boolean).join(": ");
}

const groups: ReadonlyMap<string, TimelineGroup> = new Map(
  Object.entries({ decision: "decisions", task: "work", session: "sessions", outbox: "writes" } as const),
);

const said: Readonly<Record<string, readonly [words: string, tone: TimelineWords["tone"]]>> = {
  "decision.changed": ["decided", "wait"],
  "task.enqueued": ["queued", "wait"],
  "task.claimed": ["taken on", "run"],
  "task.updated": ["changed in the queue", "off"],
  "task.released": ["put down", "off"],
  "task.recovered": ["taken back from a runtime that had gone", "wait"],
  "task.adopted": ["handed over", "run"],
  "task.cancel-requested": ["asked to stop", "person"],
  "task.cancelled": ["cancelled", "off"],
  "task.dead": ["given up", "person"],
  "task.replayed": ["tried anew", "run"],
  "task.slots-taken": ["found room", "off"],
  "session.intended": ["session prepared", "off"],
  "session.started": ["session began", "run"],
  "session.status": ["session says", "off"],
  "session.ended": ["session ended", "off"],
  "session.concluded": ["judged", "good"],
  "outbox.queued": ["to be written", "wait"],
  "outbox.sent": ["written", "good"],
  "outbox.retry": ["not written, tried again", "wait"],
  "outbox.failed": ["not written", "bad"],
  "outbox.rewritten": ["what is to be written was changed", "off"],
  "outbox.requeued": ["tried again", "run"],
  "outbox.dropped": ["not written any more", "off"],
};

const table = new Map(Object.entries(said));
