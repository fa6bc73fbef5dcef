import type { BrokenBase, BrokenBaseCause } from "../../domain/broken-base.ts";
import type { NewOutboxRow } from "../../domain/outbox.ts";
import type { SchedulingPolicy } from "../../domain/policy.ts";
import { baseSubject } from "../decide-broken-base.ts";
import { streamOf } from "../subjects.ts";
import { code, neutralise, oneLine, quote } from "./inert-text.ts";

type Key = Pick<BrokenBase, "branch" | "episode">;

/** What is known of why it is broken; each text is what a check printed or said. */
export interface BrokenBaseTold {
  readonly cause: BrokenBaseCause;
  readonly sha: string;
  /** Names of the forge's checks that fail on it. */
  readonly failing: readonly string[];
  /** What the profile's checks said, where they fail. */
  readonly verification: string | null;
  readonly logs: readonly { readonly name: string; readonly text: string }[];
}

/** The issue for all that waits. Its key is bound to profile, branch and the time it was broken: it is made once. */
export function rowOnBaseBroken(
  { profileId, labels, pullRequests }: Pick<SchedulingPolicy, "profileId" | "labels" | "pullRequests">,
  { branch, episode }: Key,
  told: BrokenBaseTold,
): NewOutboxRow<"create-issue"> {
  const stream = streamOf(profileId, baseSubject(branch));
  const isReady = pullRequests.baseBroken === "ready";
  return {
    profileId,
    kind: "create-issue",
    stream,
    idempotencyKey: keyOf(stream, episode),
    body: {
      title: neutralise(oneLine(titleOf(branch, told)), null),
      body: textOf(branch, told, labels.ready, isReady),
      labels: isReady ? [labels.ready] : [],
    },
  };
}

export function rowsOnBaseGreen(
  profileId: string,
  { branch, episode }: Key,
  sha: string,
  number: number,
): readonly NewOutboxRow[] {
  const stream = streamOf(profileId, baseSubject(branch));
  const body = `The base branch ${code(branch)} is green again, at ${sha}. What waited for it goes on.`;
  const comment = { profileId, kind: "comment", stream, body: { number, body } } as const;
  const closing = { profileId, kind: "close-issue", stream, body: { number, reason: "completed" } } as const;
  return [
    { ...comment, idempotencyKey: `${keyOf(stream, episode)}/green` },
    { ...closing, idempotencyKey: `${keyOf(stream, episode)}/close` },
  ];
}

const keyOf = (stream: string, episode: number): string => `${stream}/broken/${episode}`;

const mostNamed = 20;

function titleOf(branch: string, { failing, cause }: BrokenBaseTold): string {
  const named = cause === "verification" ? "" : failing.slice(0, 3).join(", ");
  const what = named === "" ? "the profile's checks fail" : `${named} ${failing.length === 1 ? "fails" : "fail"}`;
  return `The base branch ${branch} is broken: ${what}`;
}

function textOf(branch: string, told: BrokenBaseTold, ready: string, isReady: boolean): string {
  const { sha, failing, verification, logs } = told;
  const left = failing.length - mostNamed;
  return [
    "# The base branch is broken",
    "",
    `These fail on ${code(branch)} itself, without any work of an agent's, and agents' work waits until they pass there.`,
    "",
    `- Commit: ${sha}`,
    ...failing.slice(0, mostNamed).map((name) => `- Failed check: ${code(neutralise(name, null))}`),
    ...(left > 0 ? [`- and ${left} more`] : []),
    ...(verification === null ? [] : [`- The profile's verification: ${code(neutralise(verification, null))}`]),
    ...logs.flatMap(({ name, text }) => [
      "",
      `The last lines of ${code(neutralise(name, null))}:`,
      "",
      quote(neutralise(text.slice(-mostOfLog), null)),
    ]),
    "",
    isReady
      ? "An agent works on it. This issue is closed by itself once the base is green again."
      : `To have an agent mend it, set the label ${code(ready)}. This issue is closed by itself once the base is green again.`,
  ].join("\n");
}

const mostOfLog = 4_000;
