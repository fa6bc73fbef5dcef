import {
  type Issue,
  type LoggedEvent,
  openStore,
  type PullRequest,
  type Session,
  type Store,
  storePath,
  type Usage,
} from "@agent-control-plane/core";
import type { Operator } from "@agent-control-plane/reconcile";
import type { CliContext } from "../context.ts";
import { ensureLocalForge } from "../local-forge/ensure-local-forge.ts";
import { withOperator } from "../operator/with-operator.ts";
import type { DemoIssue } from "./demo-issues.ts";
import { narrate } from "./narrate.ts";

export interface DemoResult {
  readonly ok: boolean;
  /** What went wrong; null when nothing did. */
  readonly problem: string | null;
  readonly issues: readonly {
    readonly number: number;
    readonly title: string;
    readonly pullRequest: number | null;
    readonly outcome: string | null;
  }[];
  readonly pullRequests: readonly {
    readonly number: number;
    readonly title: string;
    readonly url: string;
    readonly headSha: string;
    readonly merged: boolean;
    readonly body: string;
    readonly diff: string;
  }[];
  readonly usage: Usage;
  readonly forgeRequests: { readonly total: number; readonly metered: number };
}

interface Working {
  readonly profileId: string;
  readonly issues: readonly DemoIssue[];
  /** The first issue alone, merged like a person would, then the others together. */
  readonly inSteps: boolean;
  readonly say: (text: string) => void;
}

/** Longest silence of the event log before the demo gives up and tells what holds. */
const patienceMs = 120_000;

/** Acts as the person at the forge and watches the event log until each issue has its pull request, or will not get one. */
export async function workIssues(demo: CliContext, working: Working): Promise<DemoResult> {
  return withOperator(demo, working.profileId, async (operator) => {
    const store = await openStore({ path: storePath(demo.home) });
    try {
      const watch = watcher(demo, store, working);
      const opened: Issue[] = [];
      for (const { title, body } of working.issues) opened.push(await operator.createIssue({ title, body }));
      for (const issue of opened) working.say(`#${issue.number}  opened: ${issue.title}`);
      const [first, ...others] = opened;
      let problem: string | null = null;
      if (working.inSteps && first) {
        problem = await handOver(operator, [first], working, watch);
        if (problem === null) await mergeAsPerson(operator, first, working);
        problem ??= await handOver(operator, others, working, watch);
      } else problem = await handOver(operator, opened, working, watch);
      return await summarise(demo, store, operator, working, opened, problem);
    } finally {
      await store.close();
    }
  });
}

async function handOver(
  operator: Operator,
  issues: readonly Issue[],
  { say }: Working,
  watch: (numbers: readonly number[]) => Promise<string | null>,
): Promise<string | null> {
  for (const issue of issues) {
    await operator.setLabels(issue.number, { add: ["agent-ready"] });
    say(`#${issue.number}  you set the label agent-ready`);
  }
  return watch(issues.map((issue) => issue.number));
}

async function mergeAsPerson(operator: Operator, issue: Issue, { say }: Working): Promise<void> {
  const pull = (await operator.listPulls()).find((each) => worksOn(each, issue));
  if (!pull) return;
  await operator.mergePull(pull.number, { sha: pull.headSha });
  say(`#${issue.number}  you merge pull request #${pull.number}; the test suite of main passes now`);
}

const worksOn = (pull: PullRequest, issue: Issue): boolean => pull.headRef.includes(`/issue-${issue.number}-`);

/** Follows the event log; answers null when each of the issues has its comment, else what stopped. */
function watcher(demo: CliContext, store: Store, { profileId, say }: Working) {
  let afterSeq = 0;
  return async (numbers: readonly number[]): Promise<string | null> => {
    const subjects = new Set(numbers.map((number) => `issue:${number}`));
    const done = new Set<string>();
    let heard = demo.clock.now();
    while (done.size < subjects.size) {
      const events = await store.events.list({ profileId, afterSeq });
      for (const event of events) {
        afterSeq = event.seq;
        heard = demo.clock.now();
        const line = narrate(event);
        if (line !== null) say(line);
        if (event.subject !== null && subjects.has(event.subject) && isLast(event)) done.add(event.subject);
        if (event.kind === "task.dead" && event.subject !== null && subjects.has(event.subject))
          return `${event.subject} needs a person: ${JSON.stringify(event.body)}`;
      }
      const retry = (await store.tasks.list({ queue: profileId, states: ["scheduled"] })).find((task) =>
        subjects.has(task.subject),
      );
      if (retry)
        return `${retry.subject} was not good enough (${retry.reason ?? "no reason"}) and waits for its next try`;
      if (demo.clock.now() - heard > patienceMs) return `nothing has happened for ${patienceMs / 1000} s`;
      await demo.clock.sleep(100);
    }
    return null;
  };
}

/** The comment that names the pull request is the last thing a person sees of an issue. */
const isLast = (event: LoggedEvent): boolean =>
  event.kind === "outbox.sent" && (event.body as { kind?: unknown } | null)?.kind === "comment";

async function summarise(
  demo: CliContext,
  store: Store,
  operator: Operator,
  { profileId }: Working,
  issues: readonly Issue[],
  problem: string | null,
): Promise<DemoResult> {
  const pulls = await operator.listPulls({ state: "all" });
  const sessions = await store.sessions.list({ profileId, limit: 100 });
  const counters = await (await ensureLocalForge(demo)).admin.counters();
  const outcomeOf = (issue: Issue) =>
    sessions.filter((session) => session.subject === `issue:${issue.number}` && session.kind === "agent").at(-1)
      ?.outcome ?? null;
  const pullRequests = [];
  for (const pull of pulls) {
    const diff = await operator.pullDiff(pull.number);
    pullRequests.push({
      number: pull.number,
      title: pull.title,
      url: pull.url,
      headSha: pull.headSha,
      merged: pull.merged,
      body: pull.body,
      diff,
    });
  }
  const each = issues.map((issue) => {
    const made = pulls.filter((pull) => worksOn(pull, issue));
    return {
      number: issue.number,
      title: issue.title,
      pullRequest: made[0]?.number ?? null,
      outcome: outcomeOf(issue),
      count: made.length,
    };
  });
  const ok = problem === null && each.every((issue) => issue.count === 1 && issue.outcome === "published");
  return {
    ok,
    problem: problem ?? (ok ? null : "not every issue has exactly one verified pull request"),
    issues: each.map(({ count: _, ...issue }) => issue),
    pullRequests,
    usage: usageOf(sessions),
    forgeRequests: { total: counters.requests, metered: counters.metered },
  };
}

function usageOf(sessions: readonly Session[]): Usage {
  const sum = (pick: (usage: Usage) => number | undefined) =>
    sessions.reduce((total, session) => total + (pick(session.ending?.usage ?? {}) ?? 0), 0);
  return {
    inputTokens: sum((usage) => usage.inputTokens),
    outputTokens: sum((usage) => usage.outputTokens),
    costUsd: sum((usage) => usage.costUsd),
  };
}
