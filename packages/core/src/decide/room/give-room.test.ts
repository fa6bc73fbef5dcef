import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { describe, expect, test } from "vitest";
import { host, minute, now, plain, policy, quota, snapshot, task, wanted } from "../../../test/support/snapshots.ts";
import type { HostLoad, HostView, Snapshot } from "../../domain/snapshot.ts";
import type { Task } from "../../domain/task.ts";
import type { Wanted } from "../../domain/wanted.ts";
import { giveRoom } from "./give-room.ts";
import type { Contender } from "./order.ts";

const contends = (of: Wanted, over: Partial<Task> = {}): Contender => ({ wanted: of, task: task(of, over) });
const running = (of: Wanted): Task => task(of, { state: "running", attempts: 1 });

function place(contenders: readonly Contender[], over: Partial<Snapshot> = {}, busy: readonly Task[] = [], pulls = 0) {
  const placed = giveRoom(snapshot(over), busy, contenders, pulls);
  const launched = placed.flatMap((each) => (each.kind === "launch" ? [each.contender.wanted.subject] : []));
  const held = Object.fromEntries(
    placed.flatMap((each) => (each.kind === "hold" ? [[each.contender.wanted.subject, each.because]] : [])),
  );
  return { launched, held };
}

const heavy = { ...plain, heavy: true };
const exclusive = { ...plain, exclusive: true };
const recurring = { ...plain, recurring: true };

describe("the order in which room is given out", () => {
  test("scheduled checks, then reviews, then one pull request, recoveries, issues, recurring ones, the other pull requests", () => {
    const { launched } = place([
      contends(wanted(1)),
      contends(wanted(2, { traits: recurring })),
      contends(wanted(3, { lane: "blocked-recovery" })),
      contends(wanted(4, { lane: "scheduled-check", dueAt: now })),
      contends(wanted(5, { lane: "pr-fix", stage: "fix" })),
      contends(wanted(6, { lane: "pr-merge-repair", stage: "merge-repair" })),
      contends(wanted(7, { lane: "pr-review", stage: "double-check-1" })),
      contends(wanted(8, { lane: "pr-review", stage: "double-check-2" })),
    ]);
    expect(launched).toEqual(["issue:4", "pr:8", "pr:7", "pr:6", "issue:3", "issue:1", "issue:2", "pr:5"]);
  });

  test("a higher priority goes first inside its lane, and of equals the older item", () => {
    const { launched } = place([contends(wanted(2)), contends(wanted(1)), contends(wanted(3, { priority: 100 }))]);
    expect(launched).toEqual(["issue:3", "issue:1", "issue:2"]);
  });

  test("recurring issues take turns: the one after the last that was launched comes first", () => {
    const done = task(wanted(2, { traits: recurring }), { state: "succeeded" });
    const history = new Map([["issue:2", [{ lane: "issue-implementation", newest: done }]]]);
    const { launched } = place(
      [1, 2, 3].map((number) => contends(wanted(number, { traits: recurring }))),
      { history },
    );
    expect(launched).toEqual(["issue:3", "issue:1", "issue:2"]);
  });

  test("a single recurring issue that was launched last is launched again", () => {
    const done = task(wanted(1, { traits: recurring }), { state: "succeeded" });
    const history = new Map([["issue:1", [{ lane: "issue-implementation", newest: done }]]]);
    expect(place([contends(wanted(1, { traits: recurring }))], { history }).launched).toEqual(["issue:1"]);
  });

  test("whoever has waited for an hour goes first, whatever the lane and the priority", () => {
    const late = { createdAt: now - 61 * minute, runAt: now - 61 * minute };
    const { launched } = place([
      contends(wanted(1, { priority: 100 })),
      contends(wanted(2, { traits: recurring }), late),
    ]);
    expect(launched).toEqual(["issue:2", "issue:1"]);
  });
});

describe("the line", () => {
  const line = (
    contenders: readonly Contender[],
    over: Partial<Snapshot> = {},
    busy: readonly Task[] = [],
    pulls = 0,
  ) =>
    Object.fromEntries(
      giveRoom(snapshot(over), busy, contenders, pulls).flatMap((each) =>
        each.kind === "hold" ? [[each.contender.wanted.subject, each.place]] : [],
      ),
    );

  test("of what waits for room is the order in which room is given out, whatever is missing", () => {
    const rules = { policy: policy({}, { workers: 2, heavyWorkers: 1 }) };
    const waiting = [
      contends(wanted(1)),
      contends(wanted(2, { traits: heavy, priority: 100 })),
      contends(wanted(3, { lane: "pr-review", stage: "double-check-1" })),
      contends(wanted(4, { priority: 50 })),
    ];
    const busy = [running(wanted(9, { traits: heavy }))];
    expect(line(waiting, rules, busy)).toEqual({ "issue:2": 1, "issue:4": 2, "issue:1": 3 });
  });

  test("begins behind what starts in this tick", () => {
    const rules = { policy: policy({}, { launchesPerTick: 1 }) };
    expect(
      line(
        [1, 2, 3].map((number) => contends(wanted(number))),
        rules,
      ),
    ).toEqual({ "issue:2": 1, "issue:3": 2 });
  });

  test("has no place for what waits for a time, a provider or people", () => {
    const later = contends(wanted(1), { runAt: now + minute, state: "scheduled", attempts: 1 });
    expect(line([later])).toEqual({ "issue:1": undefined });
    const cooling = { quotas: [quota()] };
    expect(line([contends(wanted(1))], cooling)).toEqual({ "issue:1": undefined });
    const full = { policy: policy({}, { openAgentPullRequests: 1, pullRequestWorkers: 0 }) };
    const fix = contends(wanted(2, { lane: "pr-fix" }));
    expect(line([contends(wanted(1)), fix], full, [], 1)).toEqual({ "issue:1": undefined, "pr:2": 1 });
  });
});

describe("limits", () => {
  const one = (number: number, over: Partial<Wanted> = {}) => contends(wanted(number, over));

  test.each([
    ["workers of the profile", { workers: 1 }, {}, {}, "workers-full"],
    ["pull requests", { pullRequestWorkers: 1 }, { lane: "pr-fix" }, { lane: "pr-review" }, "lane-full"],
    [
      "scheduled checks",
      { scheduledWorkers: 1 },
      { lane: "scheduled-check" },
      { lane: "scheduled-check" },
      "lane-full",
    ],
    ["recoveries", {}, { lane: "blocked-recovery" }, { lane: "blocked-recovery" }, "lane-full"],
    ["heavy work", {}, { traits: heavy }, { traits: heavy }, "heavy-full"],
    [
      "heavy pull requests count as heavy work too",
      {},
      { traits: heavy, lane: "pr-fix" },
      { traits: heavy },
      "heavy-full",
    ],
    ["recurring work", { recurringWorkers: 1 }, { traits: recurring }, { traits: recurring }, "recurring-full"],
  ] as const)("%s", (_, limits, busy, next, because) => {
    const rules = { policy: policy({}, limits) };
    const { launched, held } = place([one(2, next)], rules, [running(wanted(1, busy))]);
    expect(launched).toEqual([]);
    expect(Object.values(held)).toEqual([because]);
    expect(place([one(2, next)], rules).launched).toHaveLength(1);
  });

  test("what starts in this tick counts for what comes after it", () => {
    const { launched, held } = place([one(1), one(2), one(3)], { policy: policy({}, { workers: 2 }) });
    expect(launched).toEqual(["issue:1", "issue:2"]);
    expect(held).toEqual({ "issue:3": "workers-full" });
  });

  test("recurring work that runs or starts in this tick is counted once", () => {
    const rules = { policy: policy({}, { recurringWorkers: 3 }) };
    const contenders = [2, 3, 4].map((number) => one(number, { traits: recurring }));
    const { launched, held } = place(contenders, rules, [running(wanted(1, { traits: recurring }))]);
    expect(launched).toEqual(["issue:2", "issue:3"]);
    expect(held).toEqual({ "issue:4": "recurring-full" });
  });

  test("a scheduled check waits for a free worker and for its backoff like any other work", () => {
    const check = wanted(2, { lane: "scheduled-check", dueAt: now });
    const full = place([contends(check)], { policy: policy({}, { workers: 1 }) }, [running(wanted(1))]);
    expect(full).toEqual({ launched: [], held: { "issue:2": "workers-full" } });
    const failed = contends(check, { runAt: now + minute, state: "scheduled", attempts: 1 });
    expect(place([failed])).toEqual({ launched: [], held: { "issue:2": "backoff" } });
  });

  test("a launch limit below the number of workers is kept", () => {
    const { launched, held } = place([one(1), one(2)], { policy: policy({}, { launchesPerTick: 1 }) });
    expect(launched).toEqual(["issue:1"]);
    expect(held).toEqual({ "issue:2": "launch-limit" });
  });

  test("open agent pull requests stop issues, and not the work on pull requests", () => {
    const { launched, held } = place(
      [one(1), one(2, { lane: "pr-fix" })],
      { policy: policy({}, { openAgentPullRequests: 3 }) },
      [],
      3,
    );
    expect(launched).toEqual(["pr:2"]);
    expect(held).toEqual({ "issue:1": "open-pr-limit" });
  });

  test("what would open a pull request counts before it has", () => {
    const { launched } = place([one(1), one(2)], { policy: policy({}, { openAgentPullRequests: 3 }) }, [], 2);
    expect(launched).toEqual(["issue:1"]);
  });

  test("sessions of other profiles count on the host, and those on the same backend for the provider", () => {
    const full = host({ maxWorkers: 2, load: new Map([["other", { running: 2, wanting: 0, waitingSince: null }]]) });
    expect(place([one(1)], { host: full }).held).toEqual({ "issue:1": "host-full" });
    const provider = host({ providers: new Map([["shell", { running: 4, max: 4 }]]) });
    expect(place([one(1)], { host: provider }).held).toEqual({ "issue:1": "provider-full" });
  });

  test("a host that is short of something starts nothing and says of what", () => {
    const refusal = { because: "host-disk-low", detail: "100 MB of 1024" } as const;
    expect(place([one(1)], { host: host({ refusal }) }).held).toEqual({ "issue:1": "host-disk-low" });
    const shown = snapshot({ host: host({ refusal: { because: "host-load-high", detail: "9.0 a processor" } }) });
    expect(giveRoom(shown, [], [one(2), one(1)], 0)).toMatchObject([
      { contender: { wanted: { subject: "issue:1" } }, because: "host-load-high", place: 1 },
      { contender: { wanted: { subject: "issue:2" } }, because: "host-load-high", place: 2 },
    ]);
  });

  test("no worker is kept from an issue that has waited too long, however many pull requests wait", () => {
    const since = now - 120 * minute;
    const late = contends(wanted(1), { createdAt: since, runAt: since });
    const pulls = [11, 12, 13].map((number) => contends(wanted(number, { lane: "pr-fix" })));
    const { launched, held } = place([...pulls, late], { policy: policy({}, { workers: 2 }) });
    expect(launched).toEqual(["issue:1", "pr:11"]);
    expect(held).toMatchObject({ "pr:12": "workers-full" });
  });

  test("exclusive work that waits for pull requests to be merged keeps nobody back", () => {
    const [alone, pull] = [contends(wanted(1, { traits: exclusive })), contends(wanted(11, { lane: "pr-fix" }))];
    const limited = { policy: policy({}, { openAgentPullRequests: 1 }) };
    expect(place([alone, pull], limited, [], 0).held).toEqual({ "pr:11": "exclusive-waiting" });
    const { launched, held } = place([alone, pull], limited, [], 1);
    expect(launched).toEqual(["pr:11"]);
    expect(held).toEqual({ "issue:1": "open-pr-limit" });
  });

  test("free workers are kept for pull requests that wait, so that work that is done does not starve", () => {
    const issues = [1, 2, 3, 4].map((number) => one(number));
    const pulls = [11, 12, 13].map((number) => one(number, { lane: "pr-fix" }));
    const { launched, held } = place([...issues, ...pulls], { policy: policy({}, { workers: 4 }) });
    expect(launched).toEqual(["pr:11", "issue:1", "pr:12", "pr:13"]);
    expect(held).toMatchObject({ "issue:2": "pull-requests-first" });
  });

  test("the reservation for pull requests does not starve recoveries", () => {
    const pulls = [11, 12, 13, 14].map((number) => one(number, { lane: "pr-fix" }));
    const { launched } = place([one(1, { lane: "blocked-recovery" }), ...pulls], {
      policy: policy({}, { workers: 3 }),
    });
    expect(launched).toContain("issue:1");
  });
});

describe("exclusive work", () => {
  test("waits until nothing else runs, and nothing else starts meanwhile", () => {
    const contenders = [contends(wanted(1, { traits: exclusive })), contends(wanted(2))];
    const { launched, held } = place(contenders, {}, [running(wanted(3))]);
    expect(launched).toEqual([]);
    expect(held).toEqual({ "issue:1": "needs-quiet", "issue:2": "exclusive-waiting" });
  });

  test("starts alone, and keeps everything back while it runs", () => {
    const contenders = [contends(wanted(1, { traits: exclusive })), contends(wanted(2))];
    expect(place(contenders).launched).toEqual(["issue:1"]);
    const { held } = place([contends(wanted(2))], {}, [running(wanted(1, { traits: exclusive }))]);
    expect(held).toEqual({ "issue:2": "exclusive-running" });
  });

  test("that waits for its backoff keeps nobody back", () => {
    const later = contends(wanted(1, { traits: exclusive }), { runAt: now + minute, state: "scheduled", attempts: 1 });
    const { launched, held } = place([later, contends(wanted(2))]);
    expect(launched).toEqual(["issue:2"]);
    expect(held).toEqual({ "issue:1": "backoff" });
  });

  test("goes on to the next when the first of several cannot start", () => {
    const later = contends(wanted(1, { traits: exclusive }), { runAt: now + minute, state: "scheduled", attempts: 1 });
    const { launched, held } = place([later, contends(wanted(2, { traits: exclusive })), contends(wanted(3))]);
    expect(launched).toEqual(["issue:2"]);
    expect(held).toEqual({ "issue:1": "backoff", "issue:3": "exclusive-waiting" });
  });

  test("one after the other does not keep the rest waiting for ever", () => {
    const late = { createdAt: now - 61 * minute, runAt: now - 61 * minute };
    const { launched } = place([contends(wanted(1, { traits: exclusive })), contends(wanted(2), late)]);
    expect(launched).toEqual(["issue:2"]);
  });
});

describe("what keeps everything from starting", () => {
  const one = contends(wanted(1));
  test.each([
    ["draining", { draining: true }],
    ["paused", { pause: { actor: "ann", reason: "holiday", at: now } }],
    ["provider-cooldown", { quotas: [quota()] }],
    [
      "baseline-broken",
      { forge: { kind: "seen", base: { branch: "main", sha: "a", verdict: "broken" }, issues: [], pullRequests: [] } },
    ],
  ] as const)("%s", (because, over) => {
    expect(place([one], over).held).toEqual({ "issue:1": because });
  });

  test("a broken base keeps pull requests and checks going: they may be what mends it", () => {
    const forge = {
      kind: "seen",
      base: { branch: "main", sha: "a", verdict: "broken" },
      issues: [],
      pullRequests: [],
    } as const;
    const both = [
      contends(wanted(2, { lane: "pr-fix" })),
      contends(wanted(3, { lane: "scheduled-check", dueAt: now })),
    ];
    expect(place(both, { forge }).launched).toHaveLength(2);
  });

  test("backoff is after a failure, snoozed is not now and no failure", () => {
    const later = { runAt: now + minute, state: "scheduled" } as const;
    expect(place([contends(wanted(1), { ...later, attempts: 1 })]).held).toEqual({ "issue:1": "backoff" });
    expect(place([contends(wanted(1), { ...later, attempts: 0 })]).held).toEqual({ "issue:1": "snoozed" });
  });
});

describe("over 500 random states", () => {
  const lanes = [
    "issue-implementation",
    "scheduled-check",
    "blocked-recovery",
    "pr-review",
    "pr-fix",
    "pr-merge-repair",
  ] as const;

  function randomState(seed: number) {
    const random = seeded(seed);
    const upTo = (most: number) => Math.floor(random() * (most + 1));
    const some = (): Wanted =>
      wanted(1 + upTo(200), {
        lane: lanes[upTo(5)] ?? "pr-fix",
        priority: upTo(2),
        traits: { heavy: random() < 0.2, exclusive: random() < 0.05, recurring: random() < 0.2 },
      });
    const rules = policy(
      {},
      {
        workers: 1 + upTo(8),
        launchesPerTick: 1 + upTo(5),
        pullRequestWorkers: 1 + upTo(4),
        heavyWorkers: 1 + upTo(2),
        recurringWorkers: 1 + upTo(2),
        scheduledWorkers: 1 + upTo(2),
        blockedRecoveryWorkers: 1,
      },
    );
    const busy = Array.from({ length: upTo(4) }, some).map(running);
    const contenders = Array.from({ length: upTo(15) }, some).map((each) => contends(each));
    const others = { running: upTo(5), wanting: upTo(3), waitingSince: now - upTo(100) };
    const load: HostView["load"] = new Map<string, HostLoad>([
      ["other", others],
      ["demo", { running: busy.length, wanting: 0, waitingSince: null }],
    ]);
    return { rules, busy, contenders, hostView: host({ maxWorkers: 1 + upTo(12), load }) };
  }

  const seeds = Array.from({ length: 500 }, (_, index) => index + 1);

  test("no limit is ever passed, exclusive work is alone, and everyone gets exactly one answer", () => {
    for (const seed of seeds) {
      const { rules, busy, contenders, hostView } = randomState(seed);
      const placed = giveRoom(snapshot({ policy: rules, host: hostView }), busy, contenders, 0);
      expect(new Set(placed.map(({ contender }) => contender)).size, `seed ${seed}`).toBe(contenders.length);
      expect(placed.length, `seed ${seed}`).toBe(contenders.length);
      const started = placed.flatMap((each) => (each.kind === "launch" ? [each.contender.wanted] : []));
      const all = [
        ...busy.map((each) => ({ lane: each.lane, traits: (each.payload as never as Wanted["payload"]).traits })),
        ...started,
      ];
      const { limits } = rules;
      const count = (is: (each: (typeof all)[number]) => boolean) => all.filter(is).length;
      // What ran before may be over a limit that was lowered meanwhile; what starts never makes it worse.
      const within = (is: (each: (typeof all)[number]) => boolean, max: number) =>
        expect(started.some(is) ? count(is) : 0, `seed ${seed}`).toBeLessThanOrEqual(max);
      within(() => true, limits.workers);
      within(({ lane }) => lane.startsWith("pr-"), limits.pullRequestWorkers);
      within(({ traits }) => traits.heavy, limits.heavyWorkers);
      within(({ traits, lane }) => traits.recurring && lane !== "scheduled-check", limits.recurringWorkers);
      within(({ lane }) => lane === "scheduled-check", limits.scheduledWorkers);
      within(({ lane }) => lane === "blocked-recovery", limits.blockedRecoveryWorkers);
      expect(started.length, `seed ${seed}`).toBeLessThanOrEqual(limits.launchesPerTick);
      const onHost = [...hostView.load.values()].reduce((sum, each) => sum + each.running, 0);
      if (started.length > 0) expect(onHost + started.length, `seed ${seed}`).toBeLessThanOrEqual(hostView.maxWorkers);
      if (started.some(({ traits }) => traits.exclusive)) expect(all.length, `seed ${seed}`).toBe(1);
      if (busy.some((each) => (each.payload as never as Wanted["payload"]).traits.exclusive))
        expect(started, `seed ${seed}`).toEqual([]);
    }
  });

  test("nothing starves: with one worker and new work in every tick, everyone starts in the end", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const random = seeded(seed);
      const rules = policy({}, { workers: 1, launchesPerTick: 1 });
      let waiting: Contender[] = [];
      let time = now;
      let number = 0;
      let longest = 0;
      for (let step = 0; step < 600; step += 1, time += 10 * minute) {
        // Every second tick somebody files something more urgent.
        if (step % 2 === 0) {
          number += 1;
          const lane = lanes[Math.floor(random() * 6)] ?? "pr-fix";
          const traits = { heavy: false, exclusive: random() < 0.2, recurring: random() < 0.2 };
          const of = wanted(number, { lane, traits, priority: Math.floor(random() * 3), createdAt: time });
          waiting.push({ wanted: of, task: task(of, { createdAt: time, runAt: time }) });
        }
        const placed = giveRoom(snapshot({ policy: rules, now: time }), [], waiting, 0);
        const started = new Set(placed.flatMap((each) => (each.kind === "launch" ? [each.contender] : [])));
        waiting = waiting.filter((each) => !started.has(each));
        for (const each of waiting) longest = Math.max(longest, time - (each.task?.createdAt ?? time));
      }
      expect(longest, `seed ${seed}`).toBeLessThan(3 * 60 * minute);
    }
  });
});
