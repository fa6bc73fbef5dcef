import { describe, expect, it } from "vitest";
import { randomSnapshot } from "../../test/support/random-snapshot.ts";
import {
  candidate,
  host,
  now,
  policy,
  pullRequest,
  quota,
  snapshot,
  task,
  wanted,
} from "../../test/support/snapshots.ts";
import { type HoldReason, holdReasons } from "../domain/hold-reason.ts";
import { isPullRequestLane, lanes } from "../domain/lane.ts";
import type { LaneLimits } from "../domain/policy.ts";
import type { CandidatePullRequest, Decision, Snapshot } from "../domain/snapshot.ts";
import { type ItemSpend, nothingSpent } from "../domain/spend.ts";
import type { Task } from "../domain/task.ts";
import type { WorkTraits } from "../domain/wanted.ts";
import type { PullRequest } from "../domain/work-item.ts";
import { decideTick, type TickPlan } from "./decide-tick.ts";
import type { Effect } from "./effect.ts";
import { judgeAll } from "./judge-candidates.ts";
import { coolingOf } from "./provider/pick-provider.ts";
import { covers, slotOfQuota } from "./provider/quota-covers.ts";
import type { Slots } from "./room/give-room.ts";

const seeds = Array.from({ length: 1_300 }, (_, index) => index + 1);
const all = seeds.map((seed) => {
  const given = frozen(randomSnapshot(seed));
  return { seed, given, plan: decideTick(given) };
});

const parks: ReadonlySet<string> = new Set(["budget-spent", "breaker-open", "provider-needs-person"]);

/** By the limits of the random policy, in numbers of its own. */
function hasSpent(item: ItemSpend | undefined): boolean {
  if (!item) return false;
  const { total, raise, acceptedTotal, acceptedAt } = item;
  const base = raise?.base ?? nothingSpent;
  const more = raise?.usd ?? 0;
  const isRaised = raise !== null && (acceptedAt === null || raise.at > acceptedAt);
  return (
    item.stop !== null ||
    total.usd - base.usd >= (raise?.usd ?? 5) ||
    total.tokens - base.tokens >= 500 ||
    total.usd - Math.max(base.usd, acceptedTotal.usd) >= (isRaised ? Math.max(3, more) : 3) ||
    item.failedSince >= 4
  );
}

/** Every case in which something is wrong, with its seed. */
const wrong = (problemsOf: (given: Snapshot, plan: TickPlan) => readonly unknown[]): readonly unknown[] =>
  all.flatMap(({ seed, given, plan }) => problemsOf(given, plan).map((problem) => ({ seed, problem })));

describe("whatever the snapshot", () => {
  it("every candidate and every live task's item gets exactly one decision", () => {
    expect(
      wrong((given, plan) => {
        const decided = plan.decisions.map(({ subject }) => subject).sort();
        const expected = [...new Set([...candidatesOf(given), ...given.tasks.filter(isLive).map((of) => of.subject)])];
        return same(decided, expected.sort()) ? [] : [{ decided, expected }];
      }),
    ).toEqual([]);
  });

  it("every hold has a code of the list and says something that can be printed", () => {
    expect(
      wrong((_, { decisions }) =>
        decisions.filter(
          (each) =>
            typeof each.detail !== "string" || (each.kind === "hold" && !Object.hasOwn(holdReasons, each.because)),
        ),
      ),
    ).toEqual([]);
  });

  it("what is said to launch is what the effects launch, each item once", () => {
    expect(
      wrong((_, plan) => {
        const said = plan.decisions.filter(({ kind }) => kind === "launch").map(({ subject }) => subject);
        const started = launches(plan).map(({ subject }) => subject);
        return same([...said].sort(), [...started].sort()) && new Set(started).size === started.length
          ? []
          : [{ said, started }];
      }),
    ).toEqual([]);
  });

  it("the places in the line are 1, 2, 3 and so on, each once, of what is held for want of room", () => {
    expect(
      wrong((_, { decisions }) => {
        const held = decisions.flatMap((each) => (each.kind === "hold" && each.place !== undefined ? [each] : []));
        const places = held.map(({ place }) => place ?? 0).sort((a, b) => a - b);
        const odd = held.filter(({ because }) =>
          ["running", "held", "not-opted-in", "open-pr-limit"].includes(because),
        );
        return odd.length === 0 &&
          same(
            places,
            [...places.keys()].map((index) => index + 1),
          )
          ? []
          : [held];
      }),
    ).toEqual([]);
    expect(
      all.filter(({ plan }) => plan.decisions.some((each) => each.kind === "hold" && each.place === 2)),
    ).not.toEqual([]);
  });

  it("nothing is launched beside a running task of its item, or for a task that is taken back", () => {
    expect(
      wrong((given, plan) => {
        const busy = given.tasks.filter(({ state }) => state === "running").map(({ subject }) => subject);
        const cancelled = plan.effects.flatMap((effect) => (effect.kind === "cancel" ? [effect.taskId] : []));
        return launches(plan).filter(
          (effect) => busy.includes(effect.subject) || (effect.kind === "launch" && cancelled.includes(effect.taskId)),
        );
      }),
    ).toEqual([]);
  });

  it("no key is asked for twice, and none that is alive", () => {
    expect(
      wrong((given, { effects }) => {
        const alive = given.tasks.filter(isLive).map(({ dedupeKey }) => dedupeKey);
        const asked = effects.flatMap((effect) => (effect.kind === "enqueue" ? [effect.task.dedupeKey ?? null] : []));
        return asked.filter((key, index) => alive.includes(key) || asked.indexOf(key) !== index);
      }),
    ).toEqual([]);
  });

  it("only live tasks are cancelled, once, and only what succeeded is withdrawn", () => {
    expect(
      wrong((given, { effects }) =>
        effects.filter((effect) => {
          const of =
            "taskId" in effect ? [...given.tasks, ...given.unsent].find(({ id }) => id === effect.taskId) : undefined;
          if (effect.kind === "cancel") return !of || !isLive(of) || of.cancelRequestedAt !== null;
          return effect.kind === "withdraw" && of?.state !== "succeeded";
        }),
      ),
    ).toEqual([]);
  });

  it("no cap is passed by what runs and what is launched together", () => {
    expect(
      wrong((given, plan) => {
        const begun = launches(plan).map(workOf(given));
        const before = given.tasks.filter(({ state }) => state === "running").map(workOfTask);
        return capsOf(given)
          .map(({ name, max, counts }) => ({
            ...{ name, max },
            launched: begun.filter(counts).length,
            together: [...before, ...begun].filter(counts).length,
          }))
          .filter(({ launched, together, max }) => launched > 0 && together > max);
      }),
    ).toEqual([]);
  });

  it("no more is launched than one tick may, the host has places for, or its provider takes", () => {
    expect(
      wrong((given, plan) => {
        const count = launches(plan).length;
        const onHost = [...given.host.load.values()].reduce((sum, { running }) => sum + running, 0);
        const most = Math.min(given.policy.limits.launchesPerTick, Math.max(0, given.host.maxWorkers - onHost));
        const over = [...given.host.providers].filter(([backend, { running, max }]) => {
          const its = launches(plan).filter(({ launch }) => launch.provider.backend === backend).length;
          return its > Math.max(0, max - running);
        });
        return [...(count > most ? [{ count, most }] : []), ...over];
      }),
    ).toEqual([]);
  });

  it("exclusive work runs alone", () => {
    expect(
      wrong((given, plan) => {
        const begun = launches(plan).map(workOf(given));
        const before = given.tasks.filter(({ state }) => state === "running").map(workOfTask);
        const together = [...before, ...begun];
        return begun.length > 0 && together.some(({ traits }) => traits.exclusive) && together.length > 1
          ? [{ before, begun }]
          : [];
      }),
    ).toEqual([]);
  });

  it("nothing is launched while draining, paused, blind or refused by the host", () => {
    expect(
      wrong((given, plan) => {
        const mayNot = given.draining || given.pause || given.forge.kind === "unseen" || given.host.refusal;
        return mayNot ? launches(plan) : [];
      }),
    ).toEqual([]);
  });

  it("nothing is launched for an item or on a day that has spent what it may", () => {
    expect(
      wrong((given, plan) => {
        const { day, items } = given.spend ?? { day: { spent: nothingSpent }, items: new Map<string, ItemSpend>() };
        return launches(plan).filter(({ subject }) => day.spent.usd >= 50 || hasSpent(items.get(subject)));
      }),
    ).toEqual([]);
  });

  it("people are told of each limit that parks an item, and of none that they were told of or that ends by itself", () => {
    expect(
      wrong((given, { effects, decisions }) => {
        const held = new Set(decisions.flatMap((each) => (parks.has(becauseOf(each)[0] ?? "") ? [each.subject] : [])));
        const told = effects.flatMap((effect) => (effect.kind === "receipt" ? [effect] : []));
        return told.filter(({ subject, receipt }) => !held.has(subject) || given.spend?.told.has(receipt.key));
      }),
    ).toEqual([]);
  });

  it("nothing is launched on a provider that any of its limits keeps back, nor on one that another session tries out", () => {
    expect(
      wrong((given, plan) => {
        const held = new Map(given.host.slots);
        return launches(plan).filter(({ launch }) => {
          const its = given.quotas.filter((each) => covers(each, launch.provider));
          const isTried = its.some((each) => (held.get(slotOfQuota(each)) ?? 0) > 0);
          for (const slot of launch.slots) held.set(slot, (held.get(slot) ?? 0) + 1);
          const isGuarded = its.every((each) =>
            launch.within.some(({ slot, max }) => slot === slotOfQuota(each) && max === 1),
          );
          return isTried || !isGuarded || its.some(({ resetAt }) => resetAt > given.now);
        });
      }),
    ).toEqual([]);
  });

  it("what launches is served by one who may, and whoever comes before that one could not", () => {
    expect(
      wrong((given, plan) => {
        const verdicts = new Map(judgeAll(given).map(({ subject, verdict }) => [subject, verdict]));
        return launches(plan).filter(({ subject, launch: { provider } }) => {
          const verdict = verdicts.get(subject);
          const list = verdict?.kind === "wanted" ? (verdict.wanted.providers ?? []) : [];
          const place = list.findIndex((each) => same(each, provider));
          const before = list.slice(0, Math.max(place, 0));
          return place === -1 || before.some((each) => !given.quotas.some((quota) => covers(quota, each)));
        });
      }),
    ).toEqual([]);
  });

  it("what waits for a provider waits because of every one that may serve it", () => {
    expect(
      wrong((given, plan) => {
        const waits = ["provider-cooldown", "provider-needs-person"];
        const cooling = plan.decisions.filter((each) => each.kind === "hold" && waits.includes(each.because));
        const verdicts = new Map(judgeAll(given).map(({ subject, verdict }) => [subject, verdict]));
        return cooling.filter(({ subject }) => {
          const verdict = verdicts.get(subject);
          const list = verdict?.kind === "wanted" ? (verdict.wanted.providers ?? []) : [];
          return list.length === 0 || list.some((each) => coolingOf(each, given.quotas, given.now) === null);
        });
      }),
    ).toEqual([]);
  });

  it("nothing is launched for an item that people hold, closed, or did not ask for, or that was not read as it is", () => {
    expect(wrong((given, plan) => launches(plan).flatMap(({ subject }) => against(given, subject) ?? []))).toEqual([]);
  });

  it("on a broken base no new work for issues begins", () => {
    expect(
      wrong((given, plan) =>
        given.forge.kind === "seen" && given.forge.base.verdict === "broken"
          ? launches(plan)
              .map(workOf(given))
              .filter(({ lane }) => lane === "issue-implementation" || lane === "blocked-recovery")
          : [],
      ),
    ).toEqual([]);
  });

  it("nothing is cancelled, withdrawn or written over a forge that could not be seen", () => {
    expect(wrong(({ forge }, { effects }) => (forge.kind === "unseen" ? effects : []))).toEqual([]);
  });

  it("the same snapshot gives the same plan", () => {
    expect(wrong((given, plan) => (same(decideTick(given), plan) ? [] : ["another plan"]))).toEqual([]);
  });

  it("of these snapshots every lane launches, and most holds occur: the above can fail", () => {
    const begun = new Set(all.flatMap(({ given, plan }) => launches(plan).map((effect) => workOf(given)(effect).lane)));
    expect([...begun].sort()).toEqual([...lanes].sort());
    const codes = new Set(all.flatMap(({ plan }) => plan.decisions.flatMap(becauseOf)));
    const kinds = new Set(all.flatMap(({ plan }) => plan.effects.map(({ kind }) => kind)));
    expect(kinds).toEqual(
      new Set([
        ...["cancel", "withdraw", "restore", "ask", "resend", "enqueue", "launch", "write", "take-back"],
        ...["open-base-item", "move-base-item", "close-base-item", "receipt"],
      ]),
    );
    const missing = Object.keys(holdReasons).filter((code) => !codes.has(code as HoldReason));
    expect(missing.filter((code) => !mayBeMissing.includes(code))).toEqual([]);
  });
});

describe("a host that pauses for one reason or another", () => {
  const ready = { forge: { ...seenBy(snapshot()), issues: [candidate(1)], pullRequests: [] } };

  it.each([
    ["nothing speaks against it", {}, "launch"],
    ["the runtime is stopping", { draining: true }, "draining"],
    ["a person paused it", { pause: { actor: "ann", reason: "", at: now } }, "paused"],
    ["its provider cools down", { quotas: [quota({ resetAt: now + 1 })] }, "provider-cooldown"],
    ["its provider has just been free again", { quotas: [quota({ resetAt: now })] }, "launch"],
    ["the host is full", { host: host({ maxWorkers: 0 }) }, "host-full"],
  ] as const)("says so when %s", (_, over, reason) => {
    const [decision] = decideTick(snapshot({ ...ready, ...over })).decisions;
    expect(decision?.kind === "hold" ? decision.because : decision?.kind).toBe(reason);
  });
});

it("a task that waits for an item that left the list is taken back, and kept while the forge cannot be seen", () => {
  const waiting = task(wanted(7));
  expect(decideTick(snapshot({ tasks: [waiting] })).effects).toMatchObject([{ kind: "cancel", taskId: waiting.id }]);
  const forge = { kind: "unseen", because: "forge-unreachable", detail: "" } as const;
  const plan = decideTick(snapshot({ tasks: [waiting], forge }));
  expect(plan.effects).toEqual([]);
  expect(plan.decisions).toMatchObject([{ kind: "hold", because: "forge-unreachable" }]);
});

it("a stranger's pull request is decided on and never worked", () => {
  const forge = {
    ...seenBy(snapshot()),
    pullRequests: [{ pullRequest: pullRequest(5, { headRepo: "stranger/r" }), reading: null }],
  };
  expect(decideTick(snapshot({ forge, policy: policy() })).decisions).toMatchObject([{ because: "fork" }]);
});

describe("the limit on open agent pull requests", () => {
  const work = (pulls: readonly CandidatePullRequest[], over: Partial<Snapshot> = {}) => {
    const forge = { ...seenBy(snapshot()), issues: [candidate(1)], pullRequests: pulls };
    const given = snapshot({ forge, policy: policy({}, { openAgentPullRequests: 1 }), ...over });
    const decision = decideTick(given).decisions.find(({ subject }) => subject === "issue:1");
    return decision?.kind === "hold" ? decision.because : decision?.kind;
  };
  const pull = (over: Partial<PullRequest>) => ({ pullRequest: pullRequest(5, over), reading: null });

  it("counts those on our branches", () => {
    expect(work([pull({ headRef: "agent/demo/issue-9-s1" })])).toBe("open-pr-limit");
  });

  it.each(["stranger/r", null])("does not count a fork's on a branch named like ours (%s)", (headRepo) => {
    expect(work([pull({ headRef: "agent/demo/issue-9-s1", headRepo })])).toBe("launch");
  });

  it("counts a pull request that is on its way, whatever a fork's branch is named", () => {
    const done = task(wanted(9), { state: "succeeded", finishedAt: now });
    const onItsWay = { tasks: [done], publishing: new Set(["demo/issue:9"]) };
    const theirs = pull({ headRef: "agent/demo/issue-9-s1", headRepo: "stranger/r" });
    expect(work([theirs], onItsWay)).toBe("open-pr-limit");
    expect(work([theirs], { tasks: [done] })).toBe("launch");
  });
});

/** Rare in one snapshot: each of them has tests of its own. */
const mayBeMissing: readonly string[] = ["fix-limit", "no-lane", "recurring-full", "pull-requests-first"];

type Launch = Extract<Effect, { kind: "enqueue" | "launch" }> & { readonly launch: Slots };

const launches = ({ effects }: TickPlan): readonly Launch[] =>
  effects.filter((effect): effect is Launch => "launch" in effect && effect.launch !== null);

interface Work {
  readonly lane: string;
  readonly traits: WorkTraits;
}

/** Read from what will be stored, not from what the decision says it takes. */
const workOf =
  ({ tasks }: Snapshot) =>
  (effect: Launch): Work => {
    const payload = effect.kind === "enqueue" ? effect.task.payload : effect.payload;
    const lane = effect.kind === "enqueue" ? effect.task.lane : tasks.find(({ id }) => id === effect.taskId)?.lane;
    return { lane: lane ?? "", traits: (payload as unknown as { traits: WorkTraits }).traits };
  };

const workOfTask = ({ lane, payload }: Task): Work => ({
  lane,
  traits: (payload as unknown as { traits: WorkTraits }).traits,
});

function capsOf({ policy: { limits } }: Snapshot) {
  const cap = (name: keyof LaneLimits, counts: (work: Work) => boolean) => ({ name, max: limits[name], counts });
  return [
    cap("workers", () => true),
    cap("pullRequestWorkers", ({ lane }) => isPullRequestLane(lane)),
    cap("heavyWorkers", ({ traits }) => traits.heavy),
    cap("scheduledWorkers", ({ lane }) => lane === "scheduled-check"),
    cap("scheduledHeavyWorkers", ({ lane, traits }) => lane === "scheduled-check" && traits.heavy),
    cap("blockedRecoveryWorkers", ({ lane }) => lane === "blocked-recovery"),
    cap("recurringWorkers", ({ lane, traits }) => lane !== "scheduled-check" && traits.recurring),
  ];
}

/** Why nothing may start for it, as far as that can be said without the rules of the deciding functions. */
function against({ forge, policy }: Snapshot, subject: string): string | null {
  if (forge.kind === "unseen") return "the forge was not seen";
  const issue = forge.issues.find(({ issue: { number } }) => subject === `issue:${number}`);
  const pull = forge.pullRequests.find(({ pullRequest: { number } }) => subject === `pr:${number}`);
  const item = issue?.issue ?? pull?.pullRequest;
  const reading = issue?.reading ?? pull?.reading;
  if (!item || !reading) return `${subject} is not known`;
  const { labels } = policy;
  const setBy = (label: string) =>
    reading.reading.timeline.labelActs.findLast((act) => act.label === label)?.actor ?? "nobody";
  if (item.labels.includes(labels.hold)) return `${subject} is held`;
  if (item.state !== "open") return `${subject} is closed`;
  if (reading.itemUpdatedAt !== item.updatedAt) return `the reading of ${subject} is old`;
  if (issue) {
    if (!item.labels.includes(labels.ready)) return `${subject} is not opted in`;
    return mayAct.has(setBy(labels.ready)) ? null : `${subject} was opted in by ${setBy(labels.ready)}`;
  }
  if (pull?.pullRequest.headRepo !== policy.slug) return `${subject} is of a fork`;
  if (pull.pullRequest.draft) return `${subject} is a draft`;
  if (pull.reading?.reading.headSha !== pull.pullRequest.headSha) return `${subject} was read at another head`;
  if (pull.pullRequest.headRef.startsWith("agent/demo/")) return null;
  return mayAct.has(setBy(labels.handoff)) ? null : `${subject} was handed over by ${setBy(labels.handoff)}`;
}

/** \`bob\` may in some of the snapshots; the others never may. */
const mayAct = new Set(["ann", "agent", "bob"]);

function candidatesOf({ forge }: Snapshot): readonly string[] {
  if (forge.kind === "unseen") return [];
  return [
    ...forge.issues.map(({ issue }) => `issue:${issue.number}`),
    ...forge.pullRequests.map(({ pullRequest: { number } }) => `pr:${number}`),
  ];
}

const isLive = ({ finishedAt }: Task): boolean => finishedAt === null;

const becauseOf = (decision: Decision) => (decision.kind === "hold" ? [decision.because] : []);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function seenBy({ forge }: Snapshot): Extract<Snapshot["forge"], { kind: "seen" }> {
  if (forge.kind !== "seen") throw new Error("The forge was to be seen in this test");
  return forge;
}

/** Whoever writes to it, or to anything in it, throws. */
function frozen<T>(value: T): T {
  if (value === null || typeof value !== "object" || Object.isFrozen(value)) return value;
  const refuse = () => {
    throw new Error("a snapshot was written to");
  };
  if (value instanceof Map) {
    for (const each of value.values()) frozen(each);
    Object.assign(value, { set: refuse, delete: refuse, clear: refuse });
  } else if (value instanceof Set) Object.assign(value, { add: refuse, delete: refuse, clear: refuse });
  else for (const each of Object.values(value)) frozen(each);
  return Object.freeze(value);
}
