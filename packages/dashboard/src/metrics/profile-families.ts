import type { BrokenProfile, ProfileDocument } from "../documents/index.ts";
import { counted, type Family, type Sample } from "./sample.ts";

/** Pure. What is counted of each profile; of one that cannot be read only that it cannot. */
export function profileFamilies(all: readonly (ProfileDocument | BrokenProfile)[]): readonly Family[] {
  const read = all.flatMap((one) => ("error" in one ? [] : [one]));
  const of = (name: string, help: string, countOf: (one: ProfileDocument) => number | null): Family => ({
    ...{ name, help },
    samples: read.flatMap((one) => {
      const value = countOf(one);
      return value === null ? [] : [{ labels: { profile: one.profileId }, value }];
    }),
  });
  const each = (name: string, help: string, samplesOf: (one: ProfileDocument) => readonly Sample[]): Family => ({
    ...{ name, help },
    samples: read.flatMap((one) =>
      samplesOf(one).map(({ labels, value }) => ({ labels: { profile: one.profileId, ...labels }, value })),
    ),
  });
  return [
    {
      ...{ name: "acp_profile_readable", help: "1: the profile can be shown; 0: it cannot be read." },
      samples: all.map((one) => ({ labels: { profile: one.profileId }, value: "error" in one ? 0 : 1 })),
    },
    of("acp_profile_served", "1: a live runtime works this profile.", ({ running }) => Number(running)),
    of("acp_profile_paused", "1: it starts nothing new because a person paused it.", ({ pauses }) =>
      Number(pauses.length > 0),
    ),
    of("acp_profile_problems", "Problems in the profile's file.", ({ problems }) => problems),
    of("acp_last_tick_timestamp_seconds", "When the scheduler last looked.", ({ lastTick }) => secondsOf(lastTick)),
    each("acp_sessions", "Sessions under way.", ({ live }) =>
      counted(live, ({ lane, state, kind, backend }) => ({ lane, state, kind, backend })),
    ),
    of("acp_sessions_allowed", "How many sessions the profile allows at once.", ({ room }) => room.most),
    each("acp_candidates", "Issues and pull requests by what was decided of them, and why.", ({ decisions }) =>
      counted(decisions, ({ verdict, reason }) => ({ verdict, reason })),
    ),
    each("acp_tasks", "Tasks by state.", ({ tasks }) => byLabel("state", tasks)),
    of("acp_retries", "What failed and is tried again.", ({ retries }) => retries.length),
    each("acp_needs_person", "What goes on only when a person acts.", ({ needsPerson }) =>
      counted(needsPerson, ({ code }) => ({ code })),
    ),
    each("acp_alerts", "What a person should know.", ({ alerts }) =>
      counted(alerts, ({ kind, severity }) => ({ kind, severity })),
    ),
    each("acp_pull_requests", "Open pull requests of ours.", ({ pulls }) =>
      counted(pulls, ({ checks, risk }) => ({ checks, risk: risk ?? "unknown" })),
    ),
    each("acp_outbox_writes", "Writes to GitHub that were not sent.", ({ outbox }) =>
      byLabel("state", { pending: outbox.pending, failed: outbox.failed, "held-back": outbox.heldBack }),
    ),
    each("acp_published_today", "Writes that GitHub took since the profile's day began.", ({ publishedToday }) =>
      byLabel("kind", publishedToday),
    ),
    of("acp_spent_today_usd", "Spent since the profile's day began.", ({ spend }) => spend.today.usd),
    of("acp_spent_today_tokens", "Spent since the profile's day began.", ({ spend }) => spend.today.tokens),
    of("acp_spend_limit_usd", "What may be spent on a day.", ({ spend }) => spend.limit.usd),
    of("acp_spend_limit_tokens", "What may be spent on a day.", ({ spend }) => spend.limit.tokens),
  ];
}

const byLabel = (label: string, counts: Readonly<Record<string, number>>): readonly Sample[] =>
  Object.entries(counts).map(([key, value]) => ({ labels: { [label]: key }, value }));

function secondsOf(lastTick: unknown): number | null {
  const at = (lastTick as { readonly at?: unknown } | null)?.at;
  return typeof at === "number" && at > 0 ? at / 1000 : null;
}
