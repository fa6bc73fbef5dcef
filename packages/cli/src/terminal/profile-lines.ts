import type { Instant } from "@agent-control-plane/core";
import type { ProfileDocument } from "@agent-control-plane/dashboard";
import { counted } from "../counted.ts";
import { ago } from "../runtime/ago.ts";
import { type Line, type Piece, piece } from "./line.ts";
import { notRunningSince, type ShownHome } from "./shown-home.ts";

/** Pure. One line each, and one more for each trouble of the profile as a whole; those that cannot be read come first. */
export function profileLines(home: ShownHome, now: Instant): readonly Line[] {
  return [
    ...home.broken.map(({ profileId, error }) => [piece("  "), piece(profileId, "red"), piece(`  ${error}`)]),
    ...home.profiles.flatMap((profile) => linesOf(home, profile, now)),
  ];
}

function linesOf(home: ShownHome, profile: ProfileDocument, now: Instant): readonly Line[] {
  const { profileId, spend, tasks, publishedToday } = profile;
  const published = Object.values(publishedToday).reduce((all, one) => all + one, 0);
  const facts = [
    ...Object.entries(tasks).map(([state, count]) => `${count} ${state}`),
    ...outboxFacts(profile),
    ...(published > 0 ? [`${published} published today`] : []),
    ...(spend.today.usd > 0 ? [`$${spend.today.usd.toFixed(2)} today`] : []),
  ];
  const first = [piece("  "), piece(profileId, "bold"), piece("  "), stateOf(home, profile, now)];
  return [
    [...first, piece(facts.length > 0 ? `  ${facts.join(", ")}` : "", "dim")],
    ...troublesOf(profile, now).map((text) => [piece("    "), piece(text, "red")]),
    ...profile.pauses.map(({ scope, actor, at, reason }) => [
      piece(`    ${scope === "*" ? "paused with all profiles" : "paused"} by ${actor}, ${ago(now - at)}`, "yellow"),
      piece(reason === "" ? "" : `: ${reason}`),
    ]),
  ];
}

function stateOf(home: ShownHome, profile: ProfileDocument, now: Instant): Piece {
  if (profile.running) return piece(profile.state, "green");
  const since = notRunningSince(home, profile);
  return piece(since === null ? "not running" : `not running since ${ago(now - since)}`, "red");
}

function outboxFacts({ outbox: { pending, heldBack, failed } }: ProfileDocument): readonly string[] {
  const counts = [
    [pending, "pending"],
    [heldBack, "held back"],
    [failed, "failed"],
  ] as const;
  const said = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return said.length > 0 ? [`outbox ${said.join(" ")}`] : [];
}

function troublesOf({ problems, problemTexts, rules, lastTick }: ProfileDocument, now: Instant): readonly string[] {
  const tick = (lastTick ?? {}) as { readonly error?: unknown; readonly forgeDetail?: unknown };
  const [first] = problemTexts;
  return [
    ...(problems > 0 ? [`${counted(problems, "problem")} in its profile${first ? `: ${first}` : ""}`] : []),
    ...(rules && rules.state !== "in-force" && rules.since !== null
      ? [`its rules are not those of the file (${ago(now - rules.since)}): ${rules.problems.join("; ")}`]
      : []),
    ...(typeof tick.error === "string" ? [`the last tick failed: ${tick.error}`] : []),
    ...(typeof tick.forgeDetail === "string" ? [tick.forgeDetail] : []),
  ];
}
