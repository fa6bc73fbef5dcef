import type { ProfileDocument } from "../documents/index.ts";

/** Where an item stands, for people. `resting`: nothing is to be done for it, and nobody waits. */
export type ItemState = "running" | "waiting" | "person" | "resting";

export interface Item {
  readonly profileId: string;
  readonly subject: string;
  readonly title: string;
  readonly lane: string;
  readonly state: ItemState;
  /** A reason code. */
  readonly reason: string;
  readonly detail: string;
  readonly since: number;
  readonly place: number | null;
}

const known = new WeakMap<ProfileDocument, readonly Item[]>();

/** Pure. Every candidate of a profile and whatever runs beside them; worked out once for each state of the profile. */
export function itemsOf(profile: ProfileDocument): readonly Item[] {
  const items = known.get(profile) ?? workedOut(profile);
  known.set(profile, items);
  return items;
}

/** Reasons by which an item is none of ours to work on at present, rather than kept waiting. */
const atRest: ReadonlySet<string> = new Set([
  ...["not-open", "not-opted-in", "not-managed", "fork", "draft", "already-worked", "no-lane", "not-due"],
  ...["lane-off", "cancelled", "held"],
]);

function workedOut(profile: ProfileDocument): readonly Item[] {
  const { profileId, decisions, live, needsPerson, titles } = profile;
  const running = new Map(live.map((session) => [session.subject, session]));
  const asked = new Set(needsPerson.map(({ subject }) => subject));
  const decided = new Set(decisions.map(({ subject }) => subject));
  const stateOf = (subject: string, verdict: string, reason: string): ItemState => {
    if (running.has(subject) || reason === "running") return "running";
    if (asked.has(subject)) return "person";
    return verdict === "hold" && atRest.has(reason) ? "resting" : "waiting";
  };
  const candidates = decisions.map(({ subject, lane, verdict, reason, detail, decidedAt, place }) => ({
    ...{ profileId, subject, title: titles[subject] ?? "", lane, detail, place },
    reason: verdict === "launch" ? "starting" : reason,
    state: stateOf(subject, verdict, reason),
    since: decidedAt,
  }));
  const others = live
    .filter(({ subject }) => !decided.has(subject))
    .map(({ subject, lane, startedAt, intendedAt }) => ({
      ...{ profileId, subject, title: titles[subject] ?? "", lane, reason: "running", detail: "", place: null },
      state: "running" as const,
      since: startedAt ?? intendedAt,
    }));
  return [...candidates, ...others];
}
