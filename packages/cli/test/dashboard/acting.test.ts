import type { ActAnswer } from "@agent-control-plane/dashboard";
import { describe, expect, it, vi } from "vitest";
import type { CliContext } from "../../src/context.ts";
import { dashboardActs } from "../../src/dashboard/acts/dashboard-acts.ts";
import { flowHome } from "../flow/flow-home.ts";
import { aHome } from "./a-home.ts";

const by = "dashboard:ann";

async function acting(...profileIds: readonly string[]) {
  const { home, clock, store } = await aHome(...profileIds);
  const acts = dashboardActs({ home, clock, env: {} } as unknown as CliContext);
  /** What the log says was done in this person's name. */
  const logged = async () =>
    (await store.events.latest(100)).filter(({ actor }) => actor === by).map(({ kind }) => kind);
  return { home, store, logged, act: (name: string, body: object) => acts.perform(name, body as never, by) };
}

const refused = (answer: ActAnswer) =>
  answer.kind === "refused" ? [answer.code, answer.message] : ["done", answer.message];
const wrong = (message: string) => ["bad-body", expect.stringContaining(message)];

describe("an act of the page", () => {
  it("pauses and resumes as the commands do, in the name of who is logged in", async () => {
    const { act, store, logged } = await acting("web", "shop");
    expect(await act("pause", { profile: "web", reason: "release" })).toMatchObject({
      ...{ kind: "done", status: "paused", result: { scope: "web", actor: by, reason: "release" } },
    });
    expect(await store.pauses.list()).toMatchObject([{ scope: "web", actor: by, reason: "release" }]);
    expect(await act("pause", { profile: "web" })).toMatchObject({ status: "already-paused" });
    expect(await act("pause", { profile: "*" })).toMatchObject({ status: "paused", result: { scope: "*" } });
    expect(await act("resume", { profile: "web" })).toMatchObject({
      ...{ status: "still-paused", message: "Still paused by all profiles." },
    });
    expect(await act("resume", { profile: "*" })).toMatchObject({ status: "resumed" });
    expect(await act("resume", { profile: "*" })).toMatchObject({ status: "not-paused" });
    expect(await store.pauses.list()).toEqual([]);
    expect(await logged()).toEqual(["profile-paused", "profile-paused", "profile-resumed", "profile-resumed"]);
  });

  it("about a profile that is not there finds nothing", async () => {
    const { act, store } = await acting("web");
    for (const name of ["pause", "resume"])
      expect(refused(await act(name, { profile: "nothing" }))).toEqual([
        "not-there",
        expect.stringContaining("nothing"),
      ]);
    expect(refused(await act("pause", { profile: "../web" }))[0]).not.toBe("done");
    expect(await store.pauses.list()).toEqual([]);
  });

  it("stops a session by cancelling its task", async () => {
    const { act, store, logged } = await acting("web");
    const { task } = await store.tasks.enqueue({ queue: "web", subject: "issue:7", lane: "issue-implementation" }, "t");
    const claim = await store.tasks.claim({ queues: [], taskId: task.id, owner: "t", leaseMs: 60_000 });
    if (!claim) throw new Error("not claimed");
    await store.sessions.intend(claim.lease, {
      ...{ id: "s7", profileId: "web", attempt: 1, kind: "agent", subject: "issue:7", lane: "issue-implementation" },
      ...{ backend: "shell", runDir: "/nowhere", worktreePath: "/nowhere", branch: "b", startSha: "0" },
    });
    expect(await act("stop-session", { session: "s7" })).toMatchObject({
      status: "stopping",
      result: { session: "s7" },
    });
    expect(await store.tasks.heartbeat(claim.lease, 60_000)).toMatchObject({ cancelRequested: true });
    expect(await logged()).toEqual(["task.cancel-requested"]);
    expect(refused(await act("stop-session", { session: "s8" }))).toEqual([
      "refused",
      expect.stringContaining('no session "s8"'),
    ]);
  });

  it("tries what failed again: a task that gave up, and a write that was refused", async () => {
    const { act, store, logged } = await acting("web");
    const { task } = await store.tasks.enqueue({ queue: "web", subject: "issue:7", lane: "issue-implementation" }, "t");
    const claim = await store.tasks.claim({ queues: [], taskId: task.id, owner: "t", leaseMs: 60_000 });
    if (!claim) throw new Error("not claimed");
    await store.tasks.release(
      claim.lease,
      { kind: "dead", reason: "worker-exit-failed", result: "no" },
      { actor: "t" },
    );
    expect(await act("retry-task", { task: task.id })).toMatchObject({ status: "queued", result: { attempts: 0 } });
    expect(await act("retry-task", { task: task.id })).toMatchObject({ status: "queued" });
    expect(await logged()).toEqual(["task.replayed"]);
    expect(refused(await act("retry-task", { task: 99 }))[0]).toBe("refused");

    const comment = {
      profileId: "web",
      kind: "comment",
      stream: "web/issue:7",
      body: { number: 7, body: "hi" },
    } as const;
    const [row] = await store.outbox.enqueue([{ ...comment, idempotencyKey: "a" }], "t");
    await store.outbox.claim({ owner: "t", claimMs: 60_000, profileIds: ["web"] });
    await store.outbox.failed(row?.id ?? 0, "t", "no");
    expect(await act("retry-write", { write: row?.id })).toMatchObject({ status: "pending" });
    expect(await logged()).toEqual(["task.replayed", "outbox.requeued"]);
  });

  it("approves nothing that does not wait for it, and not before the question is there to be read", async () => {
    const { act, store } = await acting("web");
    const { task } = await store.tasks.enqueue({ queue: "web", subject: "issue:7", lane: "issue-implementation" }, "t");
    expect(refused(await act("approve", { task: task.id }))).toEqual([
      "refused",
      expect.stringContaining("does not wait for an approval"),
    ]);
    const of = { profileId: "web", kind: "comment", stream: "web/issue:7", body: { number: 7, body: "hi" } } as const;
    const rows = [
      { ...of, idempotencyKey: "s1/ask-approval" },
      { ...of, idempotencyKey: "s1/rest", heldBack: "approval-needed" },
    ];
    const [question, held] = await store.outbox.enqueue(rows, "t", task.id);
    expect(refused(await act("approve", { write: question?.id }))).toEqual([
      "refused",
      expect.stringContaining("does not wait for an approval"),
    ]);
    expect(refused(await act("approve", { write: held?.id }))).toEqual([
      "refused",
      expect.stringContaining("cannot be approved yet"),
    ]);
    expect(refused(await act("approve", {}))).toEqual(wrong('Name either a "write" or a "task".'));
    expect(refused(await act("approve", { task: 1, write: 1 }))).toEqual(wrong("either"));
  });

  it("whose body says something else is refused, with what is wrong", async () => {
    const { act, store } = await acting("web");
    const before = (await store.events.latest(100)).length;
    expect(refused(await act("pause", {}))).toEqual(wrong("profile: "));
    expect(refused(await act("pause", { profile: "web", force: true }))).toEqual(wrong("force"));
    expect(refused(await act("pause", { profile: ["web"] }))).toEqual(wrong("profile: "));
    expect(refused(await act("pause", { profile: "web", reason: "x".repeat(3_000) }))).toEqual(wrong("reason: "));
    expect(refused(await act("retry-task", { task: "1" }))).toEqual(wrong("task: "));
    expect(refused(await act("retry-task", { task: -1 }))).toEqual(wrong("task: "));
    expect(refused(await act("retry-write", { write: 1.5 }))).toEqual(wrong("write: "));
    expect(refused(await act("decide", { ref: "d1" }))).toEqual(wrong("answer: "));
    expect(refused(await act("launch", {}))).toEqual(wrong("no such act"));
    expect((await store.events.latest(100)).length).toBe(before);
  });
});

it("a question of a flow is answered by the page, once, in the name of who is logged in", async () => {
  const flows = flowHome();
  const flow = await flows.submit({
    tasks: [{ id: "a", worker: "shell", command: "exit 1", on_fail: "ask" }],
  });
  await flows.work();
  type Status = { decisions: { ref: string }[] };
  const asked = async () => (await flows.json<Status>("flow", "status", flow)).decisions.at(0)?.ref;
  const ref = await vi.waitUntil(asked, { timeout: 30_000, interval: 50 });
  const acts = dashboardActs({ home: flows.home, env: flows.env } as unknown as CliContext);
  const decide = (answer: string) => acts.perform("decide", { ref, answer }, by);
  expect(refused(await decide("perhaps"))).toEqual(["refused", expect.stringContaining("one of retry, continue")]);
  expect(await decide("continue")).toMatchObject({ kind: "done", result: { flow: { id: flow } } });
  expect(refused(await decide("fail"))).toEqual([
    "refused",
    expect.stringContaining(`answered already: continue, by ${by}`),
  ]);
  expect(refused(await acts.perform("decide", { ref: "d0", answer: "skip" }, by))[0]).toBe("not-there");
});
