import type { FollowUp } from "../../domain/evidence.ts";
import { issuePayloadOf } from "../../domain/lane-payload.ts";
import type { NewOutboxRow } from "../../domain/outbox.ts";
import type { Task } from "../../domain/task.ts";
import { neutralise, oneLine, quote } from "./inert-text.ts";
import { type FollowUpRules, numberOf, type PublishTarget, row, rowsOnRelease } from "./publish-rows.ts";

/**
 * An issue for each part, one after the other, and one comment on the issue they come from that names them. Each needs
 * the one before it: the last one knows the numbers of all.
 */
export function rowsOnFollowUps(
  target: PublishTarget,
  task: Task,
  attemptKey: string,
  followUps: readonly FollowUp[],
): readonly NewOutboxRow[] {
  if (followUps.length === 0) return [];
  const number = numberOf(task);
  const labels = labelsFor(target.followUps ?? plain, task);
  const created = followUps.map((followUp, index) =>
    row(target, task, attemptKey, "create-issue", { ...issueOf(followUp, number), labels }, `follow-up-${index + 1}`),
  );
  const body = `# Split into follow-up issues\n\n{{issue_numbers}}`;
  return inChain([...created, row(target, task, attemptKey, "comment", { number, body }, "split")]);
}

/** Nothing is left of it: it is closed once its follow-ups are there, and said on it. A recurring one stays open. */
export function rowsOnSuperseded(
  target: PublishTarget,
  task: Task,
  attemptKey: string,
  followUps: readonly FollowUp[],
): readonly NewOutboxRow[] {
  const split = rowsOnFollowUps(target, task, attemptKey, followUps);
  const closing = { number: numberOf(task), reason: "not-planned" } as const;
  const isClosed = issuePayloadOf(task)?.traits.recurring !== true;
  return [
    ...inChain([...split, ...(isClosed ? [row(target, task, attemptKey, "close-issue", closing, "superseded")] : [])]),
    ...rowsOnRelease(target, task, attemptKey),
  ];
}

const inChain = (rows: readonly NewOutboxRow[]): readonly NewOutboxRow[] =>
  rows.map((each, index) => {
    const before = rows[index - 1];
    return before ? { ...each, needsKey: before.idempotencyKey } : each;
  });

const plain: FollowUpRules = { mode: "create", labels: [], readyLabel: null };

/** A follow-up that is split again waits for a person: else one issue could become any number. */
function labelsFor({ labels, readyLabel }: FollowUpRules, task: Task): readonly string[] {
  const isFollowUp = issuePayloadOf(task)?.body.startsWith(splitFrom) ?? false;
  return readyLabel === null || isFollowUp ? labels : [...labels, readyLabel];
}

const splitFrom = "Split from #";

function issueOf({ title, body }: FollowUp, parent: number): { readonly title: string; readonly body: string } {
  const said = body.trim();
  return {
    title: neutralise(oneLine(title), parent),
    body: [
      `${splitFrom}${parent}.`,
      ...(said === "" ? [] : ["", "**In the agent's words** (not checked):", "", quote(neutralise(said, parent))]),
    ].join("\n"),
  };
}
