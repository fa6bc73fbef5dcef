import { expect, it } from "vitest";
import { backendSections } from "../../test/support/backend-sections.ts";
import { assessRisk } from "../decide/pull-request/pull-request-risk.ts";
import { globFault } from "./globs.ts";
import { parseProfile } from "./load-profile.ts";
import { policyOf } from "./policy-of.ts";

function policy(text = "", env: NodeJS.ProcessEnv = {}) {
  const least = 'id: web\nrepo: { slug: octo/web }\nexecution: { shell: { command: "true" } }\n';
  const parsed = parseProfile({
    text: least + text,
    file: "/p/c.yaml",
    env: { HOME: "/h", ...env },
    runtimeHome: "/r",
    backends: backendSections,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return policyOf(parsed.profile);
}

it("says everything the deciding functions ask of a profile that says next to nothing", () => {
  expect(policy()).toMatchObject({
    profileId: "web",
    backend: "shell",
    priorities: { "agent-priority-high": 100, "agent-priority-low": -100 },
    trust: { labels: ["admin", "maintain", "write"], comments: ["admin", "maintain", "write"] },
    timeZone: "UTC",
    maxAttempts: 4,
    onDrift: "restart",
    recurring: { restMs: 3_600_000 },
    blockedRecovery: { cooldownMs: 900_000, maxRounds: 2 },
    heavy: { labels: ["e2e", "playwright", "detox", "maestro"] },
    pullRequests: { criticalReviews: 2, mayLackChecks: true, maxFixRounds: 4, maxCiRefreshes: 2 },
  });
  expect(policy().labels).toEqual({
    ready: "agent-ready",
    running: "agent-running",
    blocked: "agent-blocked",
    hold: "agent-hold",
    keepOpen: "agent-keep-open",
    exclusive: "agent-exclusive",
    heavy: "agent-e2e-heavy",
    scheduled: "agent-scheduled",
    handoff: "agent-handoff",
    manualFixOverride: "agent-manual-fix-override",
    humanApproved: "agent-human-approved",
    automerge: "agent-automerge",
    repairQueued: "agent-repair-queued",
    ciRefresh: "agent-ci-refresh",
    ciBypassed: "agent-ci-bypassed",
    doubleCheck1: "agent-double-check-1/2",
    doubleCheck2: "agent-double-check-2/2",
    humanReview: "agent-human-review",
  });
});

it.each<[string, string, NodeJS.ProcessEnv, number[]]>([
  ["two workers", "", {}, [2, 2, 1, 2, 2, 1, 1]],
  ["twenty workers", "limits: { max_concurrent_workers: 20 }", {}, [20, 12, 1, 6, 2, 1, 1]],
  ["one worker, said by the environment", "", { ACP_MAX_CONCURRENT_WORKERS: "1" }, [1, 1, 1, 1, 1, 1, 1]],
  [
    "shares larger than the whole",
    "limits: { max_concurrent_workers: 3, max_concurrent_pr_workers: 9, max_recurring_issue_workers: 4 }",
    {},
    [3, 3, 1, 3, 2, 1, 1],
  ],
  [
    "lanes that are switched off",
    "limits: { max_concurrent_heavy_workers: 0, max_concurrent_blocked_recovery_issue_workers: 0 }",
    {},
    [2, 2, 0, 2, 2, 0, 0],
  ],
])("keeps each lane's share within all workers: %s", (_name, text, env, expected) => {
  const { limits } = policy(`${text}\n`, env);
  expect([
    limits.workers,
    limits.pullRequestWorkers,
    limits.heavyWorkers,
    limits.recurringWorkers,
    limits.scheduledWorkers,
    limits.scheduledHeavyWorkers,
    limits.blockedRecoveryWorkers,
  ]).toEqual(expected);
});

it("carries what a profile says over whole", () => {
  const said = policy(
    [
      "time_zone: Europe/Stockholm",
      "queue: { on_drift: ask, comment_permissions: [admin], priority_labels: { urgent: 5 }, pr_labels: { handoff: take } }",
      "lanes: { recurring: { rest_seconds: 0 }, blocked_recovery: { cooldown_seconds: 1, max_rounds: 0 } }",
      "heavy: { labels: [], title_words: [slow], body_words: [] }",
      "pull_requests: { risk: { critical_app: [src/money/**] }, critical_reviews: 1, may_lack_checks: false }",
    ].join("\n"),
  );
  expect(said).toMatchObject({
    timeZone: "Europe/Stockholm",
    onDrift: "ask",
    trust: { labels: ["admin", "maintain", "write"], comments: ["admin"] },
    labels: { handoff: "take" },
    recurring: { restMs: 0 },
    blockedRecovery: { cooldownMs: 1_000, maxRounds: 0 },
    heavy: { labels: [], titleWords: ["slow"], bodyWords: [] },
    pullRequests: { risk: { criticalApp: ["src/money/**"] }, criticalReviews: 1, mayLackChecks: false },
  });
  // A map of a person's replaces ours.
  expect(said.priorities).toEqual({ urgent: 5 });
});

it("takes an upgrade of dependencies for critical, and not for too broad", () => {
  const { risk } = policy().pullRequests;
  const changed = (path: string, additions: number) => ({ path, status: "modified" as const, additions, deletions: 0 });
  const upgrade = [changed("package.json", 2), changed("web/pnpm-lock.yaml", 5_000)];
  expect(assessRisk(upgrade, risk)).toMatchObject({ tier: "critical-infra", tooBroad: null });
  // By itself too: what a lockfile names is code that runs.
  expect(assessRisk([changed("web/pnpm-lock.yaml", 1)], risk)).toMatchObject({ tier: "critical-infra" });
  expect(assessRisk([changed("src/a.ts", 5_000)], risk).tooBroad).toMatch(/5000 lines/);
});

it("ships globs that it would take from a person", () => {
  const { risk } = policy().pullRequests;
  const globs = Object.values(risk).flatMap((value) => (Array.isArray(value) ? (value as readonly string[]) : []));
  expect(globs.length).toBeGreaterThan(50);
  expect(globs.map(globFault).filter((fault) => fault !== null)).toEqual([]);
});
