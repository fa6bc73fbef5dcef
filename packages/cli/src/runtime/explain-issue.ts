import {
  type Decision,
  decideTick,
  holdReasons,
  issueSubject,
  Jobs,
  type LoggedEvent,
  loadProfile,
  observe,
  openStore,
  storePath,
  systemClock,
  UserError,
} from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { selectProfileId } from "../select-profile.ts";
import { openProject } from "./open-project.ts";
import { silentLog } from "./silent-log.ts";

export interface Explanation {
  readonly profileId: string;
  readonly number: number;
  readonly verdict: "launch" | "hold";
  /** A reason code; `launch` when it starts with the next tick. */
  readonly reason: string;
  readonly text: string;
  readonly detail: string;
  /** The last events of this issue, oldest first. */
  readonly history: readonly string[];
}

/**
 * Reads the world as a tick would and asks the deciding function; nothing is enqueued, launched or written to the forge.
 * Works with and without a running daemon.
 */
export async function explainIssue(
  context: CliContext,
  given: string,
  profileId: string | undefined,
): Promise<Explanation> {
  const number = issueNumber(given);
  const profile = loadProfile(context.home, selectProfileId(context, profileId), context.env);
  const store = await openStore({ path: storePath(context.home) });
  const log = silentLog;
  try {
    const { project } = await openProject(profile, {
      context,
      runtimeId: "why",
      store,
      clock: systemClock,
      log,
      jobs: new Jobs(log, systemClock),
    });
    const snapshot = await observe(project, { draining: false, asked: number });
    const subject = issueSubject(number);
    const decision =
      decideTick(snapshot).decisions.find((each) => each.subject === subject) ?? unnamed(snapshot, subject);
    const events = await store.events.latest(8, { profileId: profile.id, subject });
    const history = events.map(lineOf);
    return { profileId: profile.id, number, ...answerOf(decision), history };
  } finally {
    await store.close();
  }
}

/** What happened in the event's own words: which write, which verdict, why. */
function lineOf({ at, kind, body }: LoggedEvent): string {
  const said = (body ?? {}) as { readonly [name: string]: unknown };
  const words = ["kind", "state", "outcome", "reason", "error"].map((name) => said[name]).filter(isText);
  return [new Date(at).toISOString(), kind, ...words].join("  ");
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** A candidate the plan says nothing of is about to be enqueued; one the forge does not show is not there. */
function unnamed(snapshot: Awaited<ReturnType<typeof observe>>, subject: string): Decision {
  const lane = "issue-implementation";
  if (snapshot.forge.kind === "unseen")
    return { kind: "hold", subject, lane, because: snapshot.forge.because, detail: snapshot.forge.detail };
  const shown = snapshot.forge.issues.some((candidate) => issueSubject(candidate.issue.number) === subject);
  if (shown) return { kind: "launch", subject, lane, detail: "it is queued by the next tick" };
  return { kind: "hold", subject, lane, because: "not-open", detail: "there is no such issue in this repository" };
}

function answerOf(decision: Decision): Pick<Explanation, "verdict" | "reason" | "text" | "detail"> {
  if (decision.kind === "launch")
    return { verdict: "launch", reason: "launch", text: "nothing holds it", detail: decision.detail };
  return { verdict: "hold", reason: decision.because, text: holdReasons[decision.because], detail: decision.detail };
}

function issueNumber(given: string): number {
  const match = /^#?(\d{1,9})$/.exec(given.trim());
  if (match) return Number(match[1]);
  throw new UserError(`"${given}" names no issue. Give its number, for example "acp why 12".`, { exitCode: 64 });
}
