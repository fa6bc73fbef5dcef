import { fixOf, type Instant, needsPerson } from "@agent-control-plane/core";
import type { LiveSession, ProfileDocument } from "@agent-control-plane/dashboard";
import { counted } from "../counted.ts";
import { servedBy } from "../quota/describe-quota.ts";
import { ago } from "../runtime/ago.ts";
import { columnsOf } from "./columns.ts";
import { type Line, type Piece, piece } from "./line.ts";
import { profileLines } from "./profile-lines.ts";
import type { ShownHome } from "./shown-home.ts";
import { waitingLines } from "./waiting-lines.ts";

export interface Section {
  readonly title: string;
  /** Empty: there is nothing to say, and the title is left out. */
  readonly lines: readonly Line[];
}

/** Pure. In the order in which people want to know. */
export function sectionsOf(home: ShownHome, now: Instant): readonly Section[] {
  return [
    { title: "Needs a person", lines: forPeople(home, now) },
    { title: "Runs", lines: aligned(home.profiles.flatMap((profile) => running(profile, now))) },
    { title: "Waits", lines: waitingLines(home) },
    { title: "Tried again", lines: aligned(home.profiles.flatMap((profile) => retries(profile, now))) },
    { title: "Not published", lines: aligned(home.profiles.flatMap(failedWrites)) },
    { title: "Flows", lines: aligned(flows(home)) },
    { title: "Pauses of providers", lines: pauses(home, now) },
    { title: "Profiles", lines: profileLines(home, now) },
  ];
}

function forPeople({ host, profiles }: ShownHome, now: Instant): readonly Line[] {
  const items = profiles.flatMap(({ profileId, needsPerson: needed }) =>
    needed.map(({ subject, since, text, act }) => ({
      since,
      cells: [piece(nameOf(profileId, subject), "yellow"), piece(ago(now - since)), piece(text), piece(act, "dim")],
    })),
  );
  const flows = (host?.flows ?? [])
    .filter(({ asking }) => asking > 0)
    .map(({ id, name, asking }) => [
      piece(`flow ${id}`, "yellow"),
      piece(""),
      piece(`${name}: ${counted(asking, "question")} open`),
      piece(`acp flow status ${id}`, "dim"),
    ]);
  const providers = (host?.providers ?? [])
    .filter(needsPerson)
    .map((quota) => [piece(servedBy(quota), "yellow"), piece(""), piece(quota.reason), piece(fixOf(quota), "dim")]);
  const oldestFirst = items.sort((a, b) => a.since - b.since).map(({ cells }) => cells);
  return aligned([...oldestFirst, ...flows, ...providers]);
}

const running = ({ profileId, live, titles }: ProfileDocument, now: Instant): readonly Piece[][] =>
  live.map((session) => [
    piece(nameOf(profileId, session.subject), "cyan"),
    piece(session.kind === "verify" ? "verifying" : session.state, "yellow"),
    piece(session.startedAt === null ? "" : ago(now - session.startedAt)),
    piece(session.backend, "dim"),
    piece([doing(session, now), titles[session.subject] ?? ""].filter((text) => text !== "").join("  ")),
  ]);

function doing({ activity }: LiveSession, now: Instant): string {
  if (activity === null) return "";
  if (activity.tool === null) return activity.text ?? activity.kind;
  const { name, detail, since } = activity.tool;
  return `${name} ${detail} (${ago(now - since)})`;
}

const retries = ({ profileId, retries: all }: ProfileDocument, now: Instant): readonly Piece[][] =>
  all.map(({ subject, attempts, maxAttempts, runAt, reason }) => [
    piece(nameOf(profileId, subject)),
    piece(runAt > now ? `in ${ago(runAt - now)}` : "now"),
    piece(`attempt ${attempts + 1} of ${maxAttempts}`),
    piece(reason ?? "", "dim"),
  ]);

const failedWrites = ({ profileId, writes }: ProfileDocument): readonly Piece[][] =>
  writes.failed.map(({ id, kind, number, lastError }) => [
    piece(`${profileId} write ${id}`, "red"),
    piece(number === null ? kind : `${kind} #${number}`),
    piece(lastError ?? ""),
    piece(`acp outbox show ${id}`, "dim"),
  ]);

const flows = ({ host }: ShownHome): readonly Piece[][] =>
  (host?.flows ?? []).map(({ id, name, state, tasks, ended, running: at }) => [
    piece(id, "cyan"),
    piece(state),
    piece(`${ended}/${tasks} over, ${at} running`),
    piece(name, "dim"),
  ]);

function pauses({ host }: ShownHome, now: Instant): readonly Line[] {
  const limits = (host?.providers ?? []).map((quota) => [
    piece(servedBy(quota), "yellow"),
    piece(quota.resetAt > now ? `for ${ago(quota.resetAt - now)}` : "being tried"),
    piece(quota.reason),
  ]);
  const cooling = (host?.cooldowns ?? [])
    .filter(({ scope }) => !scope.startsWith("provider:"))
    .map(({ scope, until, reason }) => [piece(scope, "yellow"), piece(`for ${ago(until - now)}`), piece(reason)]);
  return aligned([...limits, ...cooling]);
}

const nameOf = (profileId: string, subject: string | null): string =>
  subject === null ? profileId : `${profileId} ${subject}`;

/** Columns under each other; one that is much wider than the others pushes only its own line. */
function aligned(rows: readonly (readonly Piece[])[]): readonly Line[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => Math.min(widest, columnsOf(row[column]?.text.slice(0, 4 * widest) ?? "")))),
  );
  return rows.map((row) => [
    piece("  "),
    ...row.flatMap((cell, column) => {
      const width = widths[column] ?? 0;
      if (column === row.length - 1) return [cell];
      if (width === 0) return [];
      const room = Math.max(0, width - columnsOf(cell.text.slice(0, 4 * widest)));
      return [cell, piece(" ".repeat(room + 2))];
    }),
  ]);
}

const widest = 24;
