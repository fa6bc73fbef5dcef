import type { ProfileDocument, ResidentWorker } from "../../../src/index.ts";
import { ended, hold, hour, live, minute, second, write } from "./demo-rows.ts";

/** The busiest profile: something of everything. */
export function webProfile(now: number): ProfileDocument {
  const held = hold("web", now);
  return {
    ...{ profileId: "web", running: true, pid: 4242, state: "ready", problems: 0, problemTexts: [] },
    repository: { slug: "acme/web", url: "https://github.com/acme/web" },
    ...{ pauses: [], rules: { state: "in-force", problems: [], since: now - 22 * hour } },
    lastTick: {
      ...{ at: now - 11 * second, forge: "seen", forgeDetail: null, enqueued: 1, cancelled: 0, launched: 1 },
      holds: { "lane-full": 3, "depends-on": 2 },
    },
    live: [
      live(now, "s-9041", "issue:412", 17, {
        tool: { name: "bash", detail: "npm test -- checkout/cart.test.ts", since: now - 22 * second },
        text: "The failing case is the rounding of the discount; I fix it where the price is built.",
      }),
      live(now, "s-9044", "issue:420", 6, {
        tool: { name: "edit", detail: "src/search/suggestions.tsx", since: now - 2 * second },
        text: "Suggestions are asked for at every letter. I wait until somebody stops writing.",
      }),
      live(
        now,
        "s-9046",
        "pr:398",
        3,
        { tool: { name: "read", detail: "src/session/refresh-token.ts", since: now - 1 * second }, text: null },
        { lane: "pr-review", model: "opus-4.5", attempt: 2 },
      ),
      live(now, "s-9047", "pr:401", 1, null, { lane: "pr-fix", kind: "verify", state: "ended", spend: null }),
    ],
    recent: [
      ended(now, "s-9039", "issue:409", 9, 21, "published", { summary: "Cart keeps its lines when a session ends." }),
      ended(now, "s-9036", "pr:395", 24, 8, "published", { lane: "pr-review", summary: "Approved: small and tested." }),
      ended(now, "s-9033", "issue:377", 52, 35, "needs-human", {
        summary: "Two ways to migrate the addresses; both lose data for a part of the customers.",
      }),
      ended(now, "s-9030", "issue:404", 71, 12, "try-again", {
        ...{ exitReason: "stalled", summary: null, attempt: 2 },
      }),
      ended(now, "s-9027", "issue:401", 95, 14, "nothing-to-do", { summary: "It was repaired by #399 already." }),
      ended(now, "s-9021", "pr:391", 160, 19, "published", { lane: "pr-merge-repair", summary: "Merged main." }),
    ],
    residents: [
      resident("issue:412", "s-9041", 1, { atWork: true, lastAt: now - 17 * minute }),
      resident("pr:398", "s-9046", 2, {
        ...{ id: "s-9012", lane: "pr-review", model: "opus-4.5", atWork: true, lastAt: now - 3 * minute },
      }),
      resident("issue:377", "s-9033", 1, { lastAt: now - 52 * minute, keptUntil: now + 23 * hour }),
      resident("issue:404", "s-9030", 2, { id: "s-9018", lastAt: now - 71 * minute, keptUntil: now + 22 * hour }),
    ],
    decisions: [
      held("issue:377", "issue-implementation", "dead-letter", 52),
      held("issue:402", "issue-implementation", "approval-needed", 130, { detail: "touches .github/workflows/**" }),
      held("issue:404", "issue-implementation", "backoff", 71, { detail: "try 3 of 4" }),
      held("issue:412", "issue-implementation", "running", 17),
      held("issue:415", "issue-implementation", "depends-on", 240, { detail: "#412" }),
      held("issue:416", "issue-implementation", "depends-on", 240, { detail: "#412, #415" }),
      held("issue:420", "issue-implementation", "running", 6),
      held("issue:421", "issue-implementation", "lane-full", 14, { place: 1 }),
      held("issue:422", "issue-implementation", "lane-full", 12, { place: 2 }),
      held("issue:425", "issue-implementation", "lane-full", 4, { place: 3 }),
      held("issue:300", "scheduled-check", "not-due", 600, { detail: "every day at 06:00" }),
      held("issue:430", "issue-implementation", "not-opted-in", 33),
      held("pr:388", "pr-review", "human-review", 310, { detail: "critical-app: src/payment/**" }),
      held("pr:391", "pr-review", "ready-to-merge", 140),
      held("pr:395", "pr-review", "merging", 20),
      held("pr:396", "pr-fix", "ci-parked", 95, { detail: "e2e (firefox)" }),
      held("pr:398", "pr-review", "running", 3),
      held("pr:399", "pr-review", "checks-pending", 7, { detail: "3 of 5 finished" }),
      held("pr:401", "pr-fix", "running", 5),
    ],
    next: [
      { subject: "issue:421", lane: "issue-implementation" },
      { subject: "issue:422", lane: "issue-implementation" },
      { subject: "issue:425", lane: "issue-implementation" },
    ],
    tasks: { running: 4, scheduled: 2, available: 3, completed: 1_204 },
    titles: {
      "issue:300": "Look for dead links in the help pages",
      "issue:377": "Addresses of business customers lose their second line",
      "issue:402": "Cache dependencies in the release workflow",
      "issue:404": "Flaky: order history shows yesterday's orders twice",
      "issue:412": "Discount is rounded before tax in the cart",
      "issue:415": "Show the discount on the invoice",
      "issue:416": "Discounts in the weekly report",
      "issue:420": "Search suggestions hammer the API at every letter",
      "issue:421": "Empty state of the wish list is not readable in dark mode",
      "issue:422": "Keyboard focus is lost when the dialog closes",
      "issue:425": "Prices of \u05e9\u05dc\u05d5\u05dd items stand on the wrong side \u202etxt.exe",
      "issue:430": "Idea: a second basket",
      "pr:388": "Take the new payment provider's refunds",
      "pr:391": "Order history sorts by the day of delivery",
      "pr:395": "Cart keeps its lines when a session ends",
      "pr:396": "Image zoom on touch screens",
      "pr:398": "Refresh tokens are rotated",
      "pr:399": "Remove the old banner component",
      "pr:401": "Search index is built in parts",
    },
    room: { running: 4, most: 6 },
    lanes: [
      { lane: "issue-implementation", running: 2, waiting: 3 },
      { lane: "pr-review", running: 1, waiting: 1 },
      { lane: "pr-fix", running: 1, waiting: 0 },
    ],
    pulls: [
      pull(388, "critical-app", "passed", "human-review", "critical-app: src/payment/**"),
      pull(391, "low", "passed", "ready-to-merge", ""),
      pull(395, "low", "passed", "merging", ""),
      pull(396, "high", "failed", "ci-parked", "e2e (firefox)"),
      pull(398, "high", "passed", "running", ""),
      pull(399, null, "running", "checks-pending", "3 of 5 finished"),
      pull(401, "high", "failed", "running", ""),
    ],
    needsPerson: [
      {
        ...{ subject: "pr:388", code: "human-review", text: "its changes need a person's approval" },
        ...{ act: "Review this head and set the label agent-approved", does: null, since: now - 310 * minute },
      },
      {
        ...{ subject: "issue:402", code: "awaiting-approval", since: now - 130 * minute },
        ...{
          text: "its work is done and touches .github/workflows",
          act: "acp issue label 402 --add agent-approved --profile-id web",
          does: null,
        },
      },
      {
        ...{ subject: "pr:396", code: "ci-parked", since: now - 95 * minute },
        ...{
          text: "e2e (firefox) fails still, after 2 repairs",
          act: "Push to it, or set the manual override label",
          does: null,
        },
      },
      {
        ...{ subject: "issue:377", code: "dead-letter", since: now - 52 * minute },
        ...{
          text: "two ways to migrate the addresses; both lose data",
          act: "Answer on the issue, or take the blocked label off",
          does: null,
        },
      },
      {
        ...{ subject: "outbox:7311", code: "dead-write", since: now - 38 * minute },
        ...{
          text: "422 Validation Failed: label agent-done does not exist",
          act: '"acp outbox retry 7311" when the label is there',
          does: null,
        },
      },
    ],
    publishedToday: { "open-pull-request": 6, "push-branch": 11, comment: 14, merge: 4 },
    wakeUps: [
      { at: now + 4 * minute, what: "retry", subject: "issue:404", text: "third try" },
      { at: now + 47 * minute, what: "limit", subject: null, text: "team/claude/*/five-hour ends" },
      { at: now + 5 * hour, what: "schedule", subject: "issue:300", text: "every day at 06:00" },
      { at: now + 14 * hour, what: "day", subject: null, text: "the day's budget begins anew" },
    ],
    schedule: [
      {
        subject: "issue:300",
        line: "every day at 06:00",
        everyMs: 24 * hour,
        lastAt: now - 19 * hour,
        dueAt: now + 5 * hour,
      },
      {
        subject: "issue:118",
        line: "every week",
        everyMs: 7 * 24 * hour,
        lastAt: now - 70 * hour,
        dueAt: now + 98 * hour,
      },
    ],
    alerts: [
      {
        ...{ id: "a-1", kind: "day-budget", severity: "warn", title: "80 % of the day's budget is spent" },
        ...{
          message: "$16.42 of $20.00 by 10:40; at this pace it ends at 13:10.",
          subject: null,
          at: now - 6 * minute,
        },
      },
    ],
    retries: [
      {
        ...{ subject: "issue:404", lane: "issue-implementation", attempts: 2, maxAttempts: 4 },
        ...{ runAt: now + 4 * minute, reason: "stalled" },
      },
    ],
    awaiting: [{ subject: "issue:402", taskId: 880, session: "s-8990", since: now - 130 * minute }],
    spend: { today: { tokens: 8_412_000, usd: 16.42 }, limit: { usd: 20, tokens: null } },
    outbox: { pending: 3, failed: 1, heldBack: 1, waits: { why: "gap", until: now + 2 * second } },
    writes: {
      pending: [
        write(now, 7_320, "comment", 0.2, { number: 412, preview: "Working on it. Session s-9041, first try." }),
        write(now, 7_319, "push-branch", 0.4, { number: 401, preview: "agent/issue-381-search-index" }),
        write(now, 7_317, "add-labels", 2, {
          ...{ number: 399, preview: "agent-reviewing", tries: 2, nextAt: now + 20 * second },
          lastError: "503 from the forge: Service Unavailable",
        }),
      ],
      failed: [
        write(now, 7_311, "add-labels", 38, {
          ...{ state: "failed", number: 409, preview: "agent-done", tries: 5 },
          lastError: "refused: 422 Validation Failed: label agent-done does not exist",
        }),
        write(now, 7_290, "push-branch", 130, {
          ...{ state: "failed", number: 402, preview: "agent/issue-402-release-cache", awaits: true },
          lastError: "approval: it touches .github/workflows/release.yml",
        }),
      ],
      sent: [
        sent(now, 7_318, "open-pull-request", 9, 403, "Cart keeps its lines when a session ends"),
        sent(now, 7_316, "merge", 20, 395, "squash at 3fd02c1"),
        sent(now, 7_315, "comment", 24, 395, "Reviewed: small and tested. No findings."),
        sent(now, 7_310, "push-branch", 41, 401, "agent/issue-381-search-index"),
      ],
    },
  };
}

const resident = (subject: string, lastSession: string, sessions: number, more: Partial<ResidentWorker>) => ({
  ...{ id: lastSession, subject, lane: "issue-implementation", backend: "claude", model: "sonnet-4.5", sessions },
  ...{ lastSession, atWork: false, lastAt: 0, keptUntil: null, ...more },
});

const pull = (
  number: number,
  risk: string | null,
  checks: ProfileDocument["pulls"][number]["checks"],
  ...[reason, detail]: [string, string]
) => ({
  ...{ number, risk, checks, reason, detail, headSha: "3fd02c1b7a90" },
  url: `https://github.com/acme/web/pull/${number}`,
});

const sent = (
  now: number,
  id: number,
  kind: Parameters<typeof write>[2],
  ...[ago, number, preview]: [number, number, string]
) => write(now, id, kind, ago, { state: "sent", number, preview, tries: 1, sentAt: now - ago * minute + second });
