import { ManualClock, storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { rememberSecret, sessionStates, sessionSteps } from "../../src/index.ts";
import { anEnding, aSession } from "./store-examples.ts";

async function aClaimedTask() {
  const clock = new ManualClock();
  const temporary = await temporaryStore({ clock });
  await temporary.store.tasks.enqueue({ queue: "q" }, "test");
  const claim = await temporary.store.tasks.claim({ queues: ["q"], owner: "daemon", leaseMs: 60_000 });
  if (!claim) throw new Error("nothing claimed");
  return { ...temporary, clock, lease: claim.lease };
}

it("a session that ended hands its lease over: its holder lost it, any runtime may adopt it once", async () => {
  const { store, open, clock, lease } = await aClaimedTask();
  const other = await open();
  await store.sessions.intend(lease, aSession("s"));
  await store.sessions.start("s", lease.term, { pid: 7, startedMark: "m" });
  expect(await store.tasks.adopt(lease, "too early", 1000)).toBe("lost");
  expect(await store.sessions.end("s", lease.term, anEnding(clock.now()))).toBe("applied");

  expect(await store.tasks.lease(lease.taskId)).toMatchObject({ owner: "", expiresAt: clock.now() });
  expect(await store.tasks.heartbeat(lease, 1000)).toBe("lost");
  expect(await store.tasks.release(lease, { kind: "succeeded" }, { actor: "daemon" })).toBe("lost");
  const winner = await store.tasks.adopt(lease, "winner", 1000);
  expect(winner).toMatchObject({ term: 2, owner: "winner" });
  expect(await other.tasks.adopt(lease, "loser", 1000)).toBe("lost");
  if (winner === "lost") return;

  const evidence = { headSha: "abc" };
  const extras = { actor: "winner", concludes: [{ sessionId: "s", outcome: "published", evidence }] };
  expect(await store.tasks.release(winner, { kind: "succeeded" }, extras)).toMatchObject({
    state: "succeeded",
    term: 2,
  });
  expect(await store.sessions.get("s")).toMatchObject({ state: "concluded", term: 1, outcome: "published", evidence });
  expect(await store.tasks.attempts(1)).toMatchObject([
    { attempt: 1, term: 1, sessionId: "s", exitReason: "finished", reason: null, summary: "done" },
  ]);
  expect(await storeProblems(store)).toEqual([]);
});

it("the first ending wins", async () => {
  const { store, clock, lease } = await aClaimedTask();
  await store.sessions.intend(lease, aSession("s"));
  expect(await store.sessions.end("s", 1, anEnding(clock.now(), { exitReason: "stalled" }))).toBe("applied");
  expect(await store.sessions.end("s", 1, anEnding(clock.now(), { exitReason: "stopped" }))).toBe("lost");
  expect(await store.sessions.get("s")).toMatchObject({ state: "ended", ending: { exitReason: "stalled" } });
  expect(await store.sessions.start("s", 1, { pid: 1, startedMark: "m" })).toBe("lost");
});

it("a session that is ended for never having come up is let be when it came up meanwhile", async () => {
  const { store, clock, lease } = await aClaimedTask();
  await store.sessions.intend(lease, aSession("s"));
  await store.sessions.start("s", 1, { pid: 7, startedMark: "m" });
  const lost = anEnding(clock.now(), { exitReason: "lost" });
  expect(await store.sessions.end("s", 1, lost, "intended")).toBe("lost");
  expect(await store.sessions.get("s")).toMatchObject({ state: "running" });
  expect(await store.sessions.end("s", 1, lost, "running")).toBe("applied");
});

it("a session whose task moved on may not start, but its end is still recorded and touches no other lease", async () => {
  const { store, clock, lease } = await aClaimedTask();
  await store.sessions.intend(lease, aSession("s"));
  clock.advance(120_000);
  const adopted = await store.tasks.adopt(lease, "other", 60_000);
  expect(await store.sessions.start("s", 1, { pid: 1, startedMark: "m" })).toBe("lost");
  expect(await store.sessions.end("s", 1, anEnding(clock.now(), { exitReason: "lost" }))).toBe("applied");
  expect(await store.tasks.lease(1)).toEqual(adopted);
});

it("a release that names a session which has not ended is undone as a whole", async () => {
  const { store, lease } = await aClaimedTask();
  await store.sessions.intend(lease, aSession("s"));
  const extras = { actor: "x", concludes: [{ sessionId: "s", outcome: "published", evidence: null }] };
  await expect(store.tasks.release(lease, { kind: "succeeded" }, extras)).rejects.toThrow(
    "Session s cannot be concluded",
  );
  expect(await store.tasks.get(1)).toMatchObject({ state: "running" });
  expect(await store.tasks.lease(1)).toEqual(lease);
});

it("only the steps of the table are possible", async () => {
  for (const from of sessionStates) {
    const possible: string[] = [];
    for (const to of ["running", "ended", "concluded"] as const) if (await stepWorks(from, to)) possible.push(to);
    expect({ from, possible }).toEqual({ from, possible: [...sessionSteps[from]] });
  }
});

async function stepWorks(from: (typeof sessionStates)[number], to: "running" | "ended" | "concluded") {
  const { store, clock, lease } = await aClaimedTask();
  await store.sessions.intend(lease, aSession("s"));
  const conclude = async () => {
    const holder = await store.tasks.adopt((await store.tasks.lease(1)) ?? lease, "r", 1000);
    const extras = { actor: "r", concludes: [{ sessionId: "s", outcome: "x", evidence: null }] };
    return store.tasks.release(holder === "lost" ? lease : holder, { kind: "retry", runAt: 0, reason: "r" }, extras);
  };
  const steps = {
    running: () => store.sessions.start("s", 1, { pid: 1, startedMark: "m" }),
    ended: () => store.sessions.end("s", 1, anEnding(clock.now())),
    concluded: conclude,
  };
  if (from === "running") await steps.running();
  if (from === "ended" || from === "concluded") await steps.ended();
  if (from === "concluded") await steps.concluded();
  const before = await store.sessions.get("s");
  await steps[to]().catch(() => undefined);
  return (await store.sessions.get("s"))?.state !== before?.state;
}

it("lists by profile, task and state; a limit keeps the newest, oldest first", async () => {
  const { store, clock, lease } = await aClaimedTask();
  for (const id of ["a", "b", "c"]) {
    clock.advance(1);
    await store.sessions.intend(lease, aSession(id));
  }
  await store.sessions.end("b", 1, anEnding(clock.now()));
  const ids = (sessions: readonly { id: string }[]) => sessions.map((session) => session.id);
  expect(ids(await store.sessions.list({ profileId: "q", limit: 2 }))).toEqual(["b", "c"]);
  expect(ids(await store.sessions.list({ states: ["intended", "running"] }))).toEqual(["a", "c"]);
  expect(ids(await store.sessions.list({ taskId: 2 }))).toEqual([]);
});

it("a token in what an agent said last is saved nowhere: not with its session or task, nor in the log", async () => {
  const { store, clock, lease } = await aClaimedTask();
  const token = `ghp_${"aB3".repeat(12)}`;
  rememberSecret("passed-to-the-agent");
  const summary = `exit code 1: fatal: https://x:hunter2@host.example/ ${token} passed-to-the-agent sk-ant-api03-${"x1".repeat(20)}`;
  await store.sessions.intend(lease, aSession("s"));
  await store.sessions.start("s", lease.term, { pid: 7, startedMark: "m" });
  await store.sessions.end("s", lease.term, anEnding(clock.now(), { summary }));
  const adopted = await store.tasks.adopt(lease, "d", 1000);
  if (adopted === "lost") throw new Error("lost");
  const told = { summary, findings: [{ text: summary, line: 3, path: null }] };
  const concludes = [{ sessionId: "s", outcome: "needs-human", evidence: told }];
  const release = { kind: "dead", reason: "worker-exit-failed", result: told } as const;
  await store.tasks.release(adopted, release, { actor: "d", concludes });
  const saved = JSON.stringify([
    await store.sessions.get("s"),
    await store.tasks.get(lease.taskId),
    await store.tasks.attempts(lease.taskId),
    await store.events.list({}),
  ]);
  for (const secret of [token, "aB3aB3", "hunter2", "passed-to-the-agent", "api03"])
    expect(saved).not.toContain(secret);
  const clean = "exit code 1: fatal: https://x:[secret]@host.example/ [secret] [secret] [secret]";
  expect((await store.sessions.get("s"))?.ending?.summary).toBe(clean);
  expect((await store.tasks.get(lease.taskId))?.result).toEqual({
    summary: clean,
    findings: [{ text: clean, line: 3, path: null }],
  });
  expect((await store.events.list({})).find(({ kind }) => kind === "session.ended")?.body).toMatchObject({
    summary: clean,
  });
});
