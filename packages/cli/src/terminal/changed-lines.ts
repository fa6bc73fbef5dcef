import { type HoldReason, holdReasons, holdText } from "@agent-control-plane/core";
import type { ProfileDocument, ShownSession, ShownWrite } from "@agent-control-plane/dashboard";
import type { PlainDocuments } from "@agent-control-plane/dashboard/live";
import { type Line, type Piece, piece, type Tone } from "./line.ts";
import { type ShownHome, shownHome } from "./shown-home.ts";

/**
 * Pure. What happened between two looks, a line each, for whoever has no screen. What an agent is just doing and how far
 * counters have come is left out: it would be most of it.
 */
export function changedLines(before: PlainDocuments, after: PlainDocuments): readonly Line[] {
  const [was, is] = [shownHome(before), shownHome(after)];
  return [...runtimeLines(was, is), ...flowLines(was, is), ...brokenLines(was, is), ...profilesChanged(was, is)];
}

const runtimeLines = ({ host: was }: ShownHome, { host: is }: ShownHome): readonly Line[] =>
  (is?.runtimes ?? []).flatMap(({ id, pid, alive, state }) => {
    const known = was?.runtimes.find((one) => one.id === id);
    if (known?.alive === alive && known.state === state) return [];
    return [line(`runtime ${pid}`, alive ? state : "gone", alive ? "green" : "red")];
  });

const flowLines = ({ host: was }: ShownHome, { host: is }: ShownHome): readonly Line[] => {
  const after = is?.flows ?? [];
  const gone = (was?.flows ?? []).filter(({ id }) => !after.some((one) => one.id === id));
  const changed = after.filter(({ id, state, asking }) => {
    const known = was?.flows.find((one) => one.id === id);
    return known?.state !== state || known.asking !== asking;
  });
  return [
    ...changed.map(({ id, name, state, asking }) =>
      line(`flow ${id}`, asking > 0 ? `asks (${asking} open)` : state, asking > 0 ? "yellow" : "cyan", name),
    ),
    ...gone.map(({ id, name }) => line(`flow ${id}`, "over", "cyan", name)),
  ];
};

const brokenLines = ({ broken: was }: ShownHome, { broken: is }: ShownHome): readonly Line[] =>
  is
    .filter(({ profileId, error }) => was.find((one) => one.profileId === profileId)?.error !== error)
    .map(({ profileId, error }) => line(profileId, "cannot be read", "red", error));

function profilesChanged(was: ShownHome, { profiles }: ShownHome): readonly Line[] {
  return profiles.flatMap((is) => {
    const known = was.profiles.find(({ profileId }) => profileId === is.profileId);
    return known === undefined ? [line(is.profileId, is.running ? is.state : "not running", "bold")] : of(known, is);
  });
}

function of(was: ProfileDocument, is: ProfileDocument): readonly Line[] {
  const { profileId: id } = is;
  const isNewState = was.running !== is.running || was.state !== is.state;
  return [
    ...(isNewState ? [line(id, is.running ? is.state : "not running", is.running ? "green" : "red")] : []),
    ...added(was.pauses, is.pauses, pauseKey).map(({ actor, reason }) => line(id, "paused", "yellow", actor, reason)),
    ...added(is.pauses, was.pauses, pauseKey).map(() => line(id, "resumed", "green")),
    ...added(was.live, is.live, sessionKey).map((one) => line(`${id} ${one.subject}`, ...sessionWords(one))),
    ...added(was.recent, is.recent, ({ id: key }) => key).map((one) => line(`${id} ${one.subject}`, ...endWords(one))),
    ...added(was.decisions, is.decisions, decisionKey)
      .filter(({ verdict, reason }) => verdict === "hold" && reason !== "running")
      .filter((held) => !is.needsPerson.some(({ subject, code }) => subject === held.subject && code === held.reason))
      .map(({ subject, reason, detail }) => line(`${id} ${subject}`, reason, "yellow", textOf(reason), detail)),
    ...added(was.needsPerson, is.needsPerson, ({ subject, code }) => `${subject} ${code}`).map(
      ({ subject, text, act }) => line(`${id} ${subject ?? ""}`, "needs a person", "yellow", text, act),
    ),
    ...writeLines(id, "sent", "green", added(was.writes.sent, is.writes.sent, writeKey)),
    ...writeLines(id, "failed", "red", added(was.writes.failed, is.writes.failed, writeKey)),
  ];
}

/** What is in `is` and was not in `was`. */
const added = <T>(was: readonly T[], is: readonly T[], key: (one: T) => string): readonly T[] => {
  const known = new Set(was.map(key));
  return is.filter((one) => !known.has(key(one)));
};

const pauseKey = ({ scope, at }: { readonly scope: string; readonly at: number }) => `${scope} ${at}`;
const sessionKey = ({ id, state }: ShownSession) => `${id} ${state}`;
const writeKey = ({ id }: ShownWrite) => String(id);
const decisionKey = ({ subject, reason, detail }: ProfileDocument["decisions"][number]) =>
  `${subject} ${reason} ${detail}`;

const sessionWords = ({ id, state, kind, backend, attempt }: ShownSession): readonly [string, Tone, string] => [
  kind === "verify" ? `verifying ${state}` : state,
  "cyan",
  `${id}, attempt ${attempt}, ${backend}`,
];

const endWords = ({ id, outcome, exitReason, summary }: ShownSession): readonly [string, Tone, string, string] => [
  outcome ?? exitReason ?? "over",
  exitReason === "finished" ? "green" : "yellow",
  id,
  summary ?? "",
];

const writeLines = (id: string, what: string, tone: Tone, rows: readonly ShownWrite[]): readonly Line[] =>
  rows.map(({ kind, number, preview, lastError }) =>
    line(number === null ? id : `${id} #${number}`, `${what} ${kind}`, tone, preview, lastError ?? ""),
  );

const textOf = (reason: string): string => (reason in holdReasons ? holdText(reason as HoldReason) : "");

const line = (about: string, what: string, tone: Tone, ...more: readonly string[]): Line => [
  piece(about, "bold"),
  piece("  "),
  piece(what, tone),
  ...more.filter((text) => text !== "").map((text): Piece => piece(`  ${text}`)),
];
