import type { ProfileDocument } from "../../../src/index.ts";
import { ended, hold, live, minute, second } from "./demo-rows.ts";

/** A profile in which nothing happens; what is said of it stands over that. */
export function quietProfile(now: number, profileId: string, more: Partial<ProfileDocument> = {}): ProfileDocument {
  return {
    ...{ profileId, running: true, pid: more.running === false ? null : 4242, state: "ready", problems: 0 },
    ...{ problemTexts: [], repository: { slug: `acme/${profileId}`, url: `https://github.com/acme/${profileId}` } },
    ...{ pauses: [], rules: null, live: [], recent: [], decisions: [], next: [], tasks: {}, titles: {} },
    lastTick: {
      at: now - 20 * second,
      forge: "seen",
      forgeDetail: null,
      enqueued: 0,
      cancelled: 0,
      launched: 0,
      holds: {},
    },
    ...{ room: { running: 0, most: 2 }, lanes: [], pulls: [], needsPerson: [], publishedToday: {}, wakeUps: [] },
    ...{ residents: [], schedule: [], alerts: [], retries: [], awaiting: [] },
    spend: { today: { tokens: 0, usd: 0 }, limit: { usd: null, tokens: null } },
    outbox: { pending: 0, failed: 0, heldBack: 0, waits: null },
    writes: { pending: [], failed: [], sent: [] },
    ...more,
  };
}

export function apiProfile(now: number): ProfileDocument {
  const held = hold("api", now);
  return quietProfile(now, "api", {
    live: [
      live(
        now,
        "s-9045",
        "issue:88",
        4,
        { tool: { name: "bash", detail: "go test ./internal/ledger/...", since: now - 48 * second } },
        { backend: "codex", model: "gpt-5-codex" },
      ),
    ],
    recent: [
      ended(now, "s-9031", "issue:84", 64, 18, "published", {
        backend: "codex",
        summary: "Ledger rows are locked in one order.",
      }),
    ],
    decisions: [
      held("issue:88", "issue-implementation", "running", 4),
      held("issue:90", "issue-implementation", "provider-cooldown", 12, { detail: "team/claude/*/five-hour" }),
      held("issue:91", "issue-implementation", "provider-cooldown", 12, { detail: "team/claude/*/five-hour" }),
      held("pr:86", "pr-review", "provider-cooldown", 11, { detail: "team/claude/*/five-hour" }),
    ],
    titles: {
      "issue:88": "Ledger export times out for large tenants",
      "issue:90": "Rate limits answer without Retry-After",
      "issue:91": "OpenAPI says string where it is a number",
      "pr:86": "Idempotency keys are kept for a day",
      "issue:84": "Deadlock between two ledger writers",
    },
    room: { running: 1, most: 2 },
    lanes: [
      { lane: "issue-implementation", running: 1, waiting: 2 },
      { lane: "pr-review", running: 0, waiting: 1 },
    ],
    pulls: [
      {
        ...{ number: 86, url: "https://github.com/acme/api/pull/86", headSha: "b41ce07", risk: "high" },
        ...{ checks: "passed", reason: "provider-cooldown", detail: "team/claude/*/five-hour" },
      },
    ],
    publishedToday: { "open-pull-request": 1, "push-branch": 2, comment: 3 },
    wakeUps: [{ at: now + 47 * minute, what: "limit", subject: null, text: "team/claude/*/five-hour ends" }],
    spend: { today: { tokens: 1_120_000, usd: 2.9 }, limit: { usd: 25, tokens: null } },
  });
}
