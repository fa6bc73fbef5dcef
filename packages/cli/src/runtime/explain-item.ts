import {
  type Decision,
  type HoldReason,
  issueSubject,
  type LoggedEvent,
  type Project,
  planTick,
  pullRequestSubject,
  type Snapshot,
  UserError,
} from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { selectProfileId } from "../select-profile.ts";
import { type DecisionInWords, decisionInWords } from "./decision-in-words.ts";
import { withProjectToRead } from "./with-project-to-read.ts";

export interface Explanation extends DecisionInWords {
  readonly profileId: string;
  readonly number: number;
  readonly kind: "issue" | "pull-request";
  readonly lane: string;
  /** Of all its sessions; null: none worked on it yet. */
  readonly spent: {
    readonly tokens: number;
    readonly usd: number;
    readonly sessions: number;
    readonly unknownCost: number;
  } | null;
  /** The last events of this item, oldest first. */
  readonly history: readonly string[];
}

/**
 * Reads the world as a tick would and asks the deciding function; nothing is enqueued, launched or written to the forge.
 * Works with and without a running daemon.
 */
export async function explainItem(
  context: CliContext,
  given: string,
  profileId: string | undefined,
): Promise<Explanation> {
  const number = itemNumber(given);
  const id = selectProfileId(context, profileId);
  return withProjectToRead(context, id, async ({ project, store }) => {
    const { plan, snapshot } = await planTick(project, { draining: false, asked: number });
    const found =
      plan.decisions.find(({ subject }) => isOf(subject, number)) ?? (await notListed(project, snapshot, number));
    const subject = found?.subject ?? issueSubject(number);
    const events = await store.events.latest(8, { profileId: id, subject });
    if (found === null && events.length === 0) throw unknownNumber(project, number);
    const decision = found ?? deleted(number);
    const spend = (await store.spend.items(id, [decision.subject])).get(decision.subject);
    return {
      profileId: id,
      number,
      kind: decision.subject.startsWith("pr:") ? "pull-request" : "issue",
      lane: decision.lane,
      ...decisionInWords(decision, "nothing holds it"),
      spent: spend ? { ...spend.total, sessions: spend.sessions, unknownCost: spend.unknownCost } : null,
      history: events.map(lineOf),
    };
  });
}

const isOf = (subject: string, number: number): boolean =>
  subject === issueSubject(number) || subject === pullRequestSubject(number);

/** What happened in the event's own words: which write, which verdict, why. */
function lineOf({ at, kind, body }: LoggedEvent): string {
  const said = (body ?? {}) as { readonly [name: string]: unknown };
  const words = ["kind", "state", "outcome", "reason", "error"].map((name) => said[name]).filter(isText);
  return [new Date(at).toISOString(), kind, ...words].join("  ");
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** Not among what is open: the forge is away, or it is over. Null: the forge says that there is no such number. */
async function notListed({ source }: Project, { forge }: Snapshot, number: number): Promise<Decision | null> {
  if (forge.kind === "unseen") return holdOfIssue(number, forge.because, forge.detail);
  const found = await source.pullRequest(number);
  if (found.kind === "absent") return null;
  const hold = { kind: "hold", subject: pullRequestSubject(number), lane: "pr-review" } as const;
  if (found.kind === "unknown") return { ...hold, because: "details-unread", detail: found.because };
  return { ...hold, because: "not-open", detail: `#${number} is ${found.value.merged ? "merged" : "closed"}` };
}

const holdOfIssue = (number: number, because: HoldReason, detail: string): Decision => ({
  kind: "hold",
  subject: issueSubject(number),
  lane: "issue-implementation",
  because,
  detail,
});

/** We know of it, and the forge does not any more. */
const deleted = (number: number): Decision =>
  holdOfIssue(number, "not-open", `#${number} is not on the forge any more`);

const unknownNumber = ({ policy }: Project, number: number): UserError =>
  new UserError(`There is no issue or pull request #${number} in ${policy.slug}. "acp issue list" shows the issues.`, {
    exitCode: 1,
  });

function itemNumber(given: string): number {
  const match = /^(?:issue:|pr:|#)?([1-9]\d{0,8})$/i.exec(given.trim());
  if (match) return Number(match[1]);
  throw new UserError(`"${given}" names no issue or pull request. Give its number, for example "acp why 12".`, {
    exitCode: 64,
  });
}
