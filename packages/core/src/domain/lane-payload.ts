import { type Fields, fieldsOf } from "./fields.ts";
import { noLedgers } from "./review.ts";
import { ledgersOf } from "./review-shapes.ts";
import type { Task } from "./task.ts";
import type {
  CiRepair,
  IssuePayload,
  LanePayload,
  PromptComment,
  PullRequestPayload,
  ReviewAsk,
  WorkTraits,
} from "./wanted.ts";

/**
 * Pure. What a task of a lane was given. Rows of the first version hold an issue's number, title, body, address and
 * revision alone, so everything else has a default; a field of another type than expected counts as missing.
 */
export function lanePayloadOf({ payload }: Pick<Task, "payload">): LanePayload {
  const fields = fieldsOf(payload);
  return fields.kind === "pull-request" ? pullRequestOf(fields) : issueOf(fields);
}

export function issuePayloadOf(task: Pick<Task, "payload">): IssuePayload | null {
  const payload = lanePayloadOf(task);
  return payload.kind === "issue" ? payload : null;
}

export function pullRequestPayloadOf(task: Pick<Task, "payload">): PullRequestPayload | null {
  const payload = lanePayloadOf(task);
  return payload.kind === "pull-request" ? payload : null;
}

function issueOf(fields: Fields): IssuePayload {
  const blocker = fieldsOf(fields.blocker);
  return {
    kind: "issue",
    ...textsOf(fields),
    comments: commentsOf(fields.comments),
    revision: text(fields.revision),
    traits: traitsOf(fields.traits),
    dueAt: typeof fields.dueAt === "number" ? fields.dueAt : null,
    blocker:
      typeof blocker.reason === "string"
        ? { reason: blocker.reason, summary: text(blocker.summary), round: whole(blocker.round, 1) }
        : null,
  };
}

function pullRequestOf(fields: Fields): PullRequestPayload {
  return {
    kind: "pull-request",
    ...textsOf(fields),
    headRef: text(fields.headRef),
    headSha: text(fields.headSha),
    baseRef: text(fields.baseRef),
    stage: text(fields.stage) as PullRequestPayload["stage"],
    risk: text(fields.risk),
    missing: listOf(fields.missing).filter((each) => typeof each === "string"),
    failures: listOf(fields.failures).map((each) => {
      const failure = fieldsOf(each);
      return {
        name: text(failure.name),
        url: typeof failure.url === "string" ? failure.url : null,
        summary: text(failure.summary),
        ...(Number.isSafeInteger(failure.jobId) ? { jobId: Number(failure.jobId) } : {}),
        ...(failure.isOfBase === true ? { isOfBase: true as const } : {}),
      };
    }),
    findings: commentsOf(fields.findings),
    traits: traitsOf(fields.traits),
    round: whole(fields.round, 1),
    ...(fields.review === undefined ? {} : { review: reviewOf(fieldsOf(fields.review)) }),
    ...(fields.ciRepairs === undefined ? {} : { ciRepairs: ciRepairsOf(fields.ciRepairs) }),
  };
}

const ciRepairsOf = (value: unknown): readonly CiRepair[] =>
  listOf(value).map((each) => {
    const { headSha, checks } = fieldsOf(each);
    return { headSha: text(headSha), checks: listOf(checks).filter((name) => typeof name === "string") };
  });

const reviewOf = (fields: Fields): ReviewAsk => ({
  wanted: fields.wanted === 2 ? 2 : 1,
  isOwn: fields.isOwn !== false,
  ledgers: ledgersOf(fields.ledgers) ?? noLedgers,
});

const textsOf = (fields: Fields) => ({
  number: whole(fields.number, 0),
  title: text(fields.title),
  body: text(fields.body),
  url: text(fields.url),
});

const traitsOf = (value: unknown): WorkTraits => {
  const { heavy, exclusive, recurring } = fieldsOf(value);
  return { heavy: heavy === true, exclusive: exclusive === true, recurring: recurring === true };
};

const commentsOf = (value: unknown): readonly PromptComment[] =>
  listOf(value).map((each) => {
    const { author, body } = fieldsOf(each);
    return { author: text(author), body: text(body) };
  });

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const whole = (value: unknown, otherwise: number): number => (Number.isSafeInteger(value) ? Number(value) : otherwise);
