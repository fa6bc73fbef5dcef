import type { Instant } from "@agent-control-plane/core";
import { counted } from "../counted.ts";
import { ago } from "../runtime/ago.ts";
import { type Line, piece } from "./line.ts";
import { type ShownHome, shownHome } from "./shown-home.ts";
import { type Section, sectionsOf } from "./status-sections.ts";

export interface StatusView {
  /** Stays where it is, however far the rest is scrolled. */
  readonly head: readonly Line[];
  readonly body: readonly Line[];
}

/** Pure. What a home is about, worst first: its documents as lines for people. */
export function statusView(documents: Parameters<typeof shownHome>[0], now: Instant): StatusView {
  const home = shownHome(documents);
  const sections = sectionsOf(home, now).filter(({ lines }) => lines.length > 0);
  return { head: [whoRuns(home, now), inShort(home)], body: sections.flatMap(withTitle).slice(0, -1) };
}

const withTitle = ({ title, lines }: Section): readonly Line[] => [[piece(title, "bold")], ...lines, []]; // a blank line between two

function whoRuns({ host, profiles, broken }: ShownHome, now: Instant): Line {
  const all = host?.runtimes ?? [];
  const alive = all.filter((runtime) => runtime.alive);
  const of = piece(`  ${counted(profiles.length + broken.length, "profile")} of ${host?.home ?? "?"}`, "dim");
  if (alive.length > 0) return [piece(alive.map(({ pid, state }) => `${state}, pid ${pid}`).join("; "), "green"), of];
  const seen = Math.max(0, ...all.map(({ lastSeenAt }) => lastSeenAt ?? 0));
  const since = seen === 0 ? "not running" : `not running since ${ago(now - seen)}`;
  return [piece(since, "red"), of];
}

/** The same numbers as the page shows at its top. */
function inShort({ profiles }: ShownHome): Line {
  const sum = (count: (profile: ShownHome["profiles"][number]) => number) =>
    profiles.reduce((all, profile) => all + count(profile), 0);
  const people = sum(({ needsPerson }) => needsPerson.length);
  const waiting = sum(
    ({ decisions }) => decisions.filter(({ verdict, reason }) => verdict === "hold" && reason !== "running").length,
  );
  const published = sum(({ publishedToday }) => Object.values(publishedToday).reduce((all, one) => all + one, 0));
  const usd = sum(({ spend }) => spend.today.usd);
  return [
    piece(`${sum(({ live }) => live.length)} running`, "cyan"),
    piece(`  ${waiting} wait`),
    ...(people > 0 ? [piece("  "), piece(`${people} for a person`, "yellow")] : []),
    piece(`  ${published} published today`),
    ...(usd > 0 ? [piece(`  $${usd.toFixed(2)} today`)] : []),
  ];
}
