import { type Store, UserError } from "@agent-control-plane/core";
import type { BrokenProfile, ProfileDocument, ShownWrite } from "@agent-control-plane/dashboard";
import { readActivity } from "@agent-control-plane/runners";
import type { CliContext } from "../context.ts";
import { factsInForce } from "../runtime/facts-in-force.ts";
import { readFacts } from "../runtime/read-facts.ts";
import { type ProfileRows, readProfileRows, statusOfRows } from "../runtime/status-in-store.ts";
import { alertsOf } from "./alerts.ts";
import type { KnownTitles } from "./known-titles.ts";
import { lanesOf, pullsOf, retriesAmong, scheduleOf } from "./lanes-of.ts";
import { needsPerson } from "./needs-person.ts";
import { mostLooked, residentWorkers } from "./resident-workers.ts";
import type { SharedNow } from "./shared-rows.ts";
import { shownSession, shownWrite } from "./shown.ts";
import { wakeUpsOf } from "./wake-ups.ts";

/** How many of what was done last, and of the outbox's rows of one state, are shown. */
const mostRecent = 30;
const mostWrites = 20;

export interface ReadBefore {
  readonly titles: KnownTitles;
  /** The same profile as it was read last. */
  readonly document: ProfileDocument | BrokenProfile | null;
}

/** One profile; what cannot be read is a document that says so, and no other profile suffers for it. */
export async function profileDocument(
  context: CliContext,
  store: Store,
  shared: SharedNow,
  profileId: string,
  before: ReadBefore,
): Promise<ProfileDocument | BrokenProfile> {
  try {
    return await readProfile(context, store, shared, profileId, before);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { profileId, error: error.message };
  }
}

async function readProfile(
  context: CliContext,
  store: Store,
  shared: SharedNow,
  profileId: string,
  { titles, document }: ReadBefore,
): Promise<ProfileDocument> {
  const now = context.clock.now();
  const facts = factsInForce(context.home, profileId, shared.daemons) ?? (await readFacts(context, profileId));
  const rows = await readProfileRows(context, store, facts);
  const { sessions: _sessions, service: _service, ...status } = await statusOfRows(store, shared, facts, rows);
  const recent = await store.sessions.list({ profileId, states: ["concluded"], limit: mostRecent });
  const speakers = await store.sessions.lastSpeakers(profileId, mostLooked);
  const known = {
    ...status,
    problemTexts: facts.problemTexts,
    live: rows.sessions.map((session) => ({ ...shownSession(session), activity: readActivity(session) })),
    retries: retriesAmong(rows.tasks),
    residents: residentWorkers(speakers, rows, facts, now),
    schedule: scheduleOf(rows.decisions),
    writes: {
      pending: await newestWrites(store, profileId, "pending"),
      failed: rows.failed.slice(-mostWrites).map(shownWrite).reverse(),
      sent: await newestWrites(store, profileId, "sent"),
    },
  };
  const alertsBefore = document && "alerts" in document ? document.alerts : [];
  return {
    ...known,
    repository: facts.repository,
    recent: recent.map(shownSession).reverse(),
    titles: await titles.of(store, profileId, rows.decisions, [...itemsOf(rows), ...recent, ...speakers]),
    room: { running: status.tasks.running ?? 0, most: facts.workers },
    lanes: lanesOf(rows.tasks),
    pulls: pullsOf(rows.decisions),
    needsPerson: needsPerson(rows),
    publishedToday: Object.fromEntries(
      (await store.outbox.sentSince(profileId, rows.day.from)).map(({ kind, count }) => [kind, count]),
    ),
    wakeUps: wakeUpsOf(known, { ...shared, dayEndsAt: rows.day.until }, now),
    alerts: alertsOf(known, alertsBefore, now),
  };
}

/** What is named beside the decisions. */
const itemsOf = ({ sessions, tasks }: ProfileRows) => [
  ...sessions,
  ...tasks.map(({ subject, id }) => ({ subject, taskId: id })),
];

async function newestWrites(
  { outbox }: Store,
  profileId: string,
  state: "pending" | "sent",
): Promise<readonly ShownWrite[]> {
  const rows = await outbox.list({ profileId, states: [state], limit: mostWrites });
  return rows.map(shownWrite).reverse();
}
