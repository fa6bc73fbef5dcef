// The host merges on the real local forge: the real scheduler, store, outbox and requests, one clock for both sides.
import { type StoredDecision, tick } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { type RepositoryOnForge, repositoryOnForge, slug } from "../support/repository-on-forge.ts";

const merging = (keys = "") => `merge: { enabled: true, require_approval: none${keys} }\n`;

interface Pull {
  readonly state: string;
  readonly merged: boolean;
  readonly head: { readonly ref: string; readonly sha: string };
  readonly labels: readonly { readonly name: string }[];
}

interface Scene {
  readonly r: RepositoryOnForge;
  readonly issue: number;
  readonly pull: number;
  readonly branch: string;
  look(): Promise<Pull>;
  hasBranch(): Promise<boolean>;
  issueState(): Promise<string>;
  held(subject?: string): Promise<StoredDecision | undefined>;
  /** Requests to merge, by the clock of the forge's log. */
  merges(): number;
  rows(
    kind: string,
  ): Promise<readonly { readonly id: number; readonly state: string; readonly lastError: string | null }[]>;
  /** Ticks until it holds. */
  until(what: string, holds: () => Promise<boolean>): Promise<void>;
}

/** An opted-in issue and a green pull request of ours that closes it. */
async function scene(profile = merging(), issueOver: object = {}): Promise<Scene> {
  const r = await repositoryOnForge(profile);
  await r.fileIssues(1, issueOver);
  const issue = 1;
  const branch = await r.push(`agent/web/issue-${issue}-s1`);
  const opened = { title: "Work on the second entry", body: `Closes #${issue}`, head: branch, base: "main" };
  const { number: pull } = await r.as("bot")<{ number: number }>("POST", "/pulls", opened);
  await r.forge.setChecks({ repository: slug, ref: branch, checks: { build: "success" } });
  const self: Scene = {
    ...{ r, issue, pull, branch },
    look: () => r.api<Pull>("GET", `/pulls/${pull}`),
    hasBranch: async () => (await r.api<{ name: string }[]>("GET", "/branches")).some(({ name }) => name === branch),
    issueState: async () => (await r.api<{ state: string }>("GET", `/issues/${issue}`)).state,
    held: async (subject = `pr:${pull}`) =>
      (await r.store.decisions.list("web")).find((decision) => decision.subject === subject),
    merges: () =>
      r.forge.counters().log.filter(({ method, path }) => method === "PUT" && path.endsWith("/merge")).length,
    rows: async (kind) => (await r.store.outbox.list({ profileId: "web" })).filter((row) => row.kind === kind),
    async until(what, holds) {
      for (let ticks = 0; ticks < 12; ticks += 1) {
        if (await holds()) return;
        await r.tick();
      }
      const { reason, detail } = (await self.held()) ?? {};
      throw new Error(`not after 12 ticks: ${what}; it is held: ${reason}, ${detail}`);
    },
  };
  return self;
}

const isMerged =
  ({ look }: Scene) =>
  async () =>
    (await look()).merged;
const isHeldBy =
  ({ held }: Scene, reason: string) =>
  async () =>
    (await held())?.reason === reason;

/** Everything that a merge would take along is where it was. */
async function expectUntouched(of: Scene): Promise<void> {
  expect(await of.look()).toMatchObject({ state: "open", merged: false });
  expect(await of.hasBranch()).toBe(true);
  expect(await of.issueState()).toBe("open");
  expect([...(await of.rows("delete-branch")), ...(await of.rows("close-issue"))]).toEqual([]);
}

it("merges the head it looked at, and takes branch, issue and labels along only when the forge shows it merged", async () => {
  const of = await scene();
  const { r, pull } = of;
  const { head } = await of.look();
  await of.until("merged", isMerged(of));
  expect(of.merges()).toBe(1);
  expect((await of.rows("merge"))[0]).toMatchObject({ state: "sent", body: { headSha: head.sha, method: "squash" } });
  expect(await of.hasBranch()).toBe(true);
  await of.until("the branch is gone", async () => !(await of.hasBranch()));
  await of.until("the issue is closed", async () => (await of.issueState()) === "closed");
  const { log } = r.forge.counters();
  const at = (method: string, path: RegExp) => log.findIndex((call) => call.method === method && path.test(call.path));
  expect(at("DELETE", /git\/refs/)).toBeGreaterThan(at("PUT", /merge$/));
  await r.settle();
  expect((await of.look()).labels).toEqual([]);
  expect(log.filter(({ method, path }) => method === "PUT" && path.endsWith(`/pulls/${pull}/merge`))).toHaveLength(1);
});

it("merges nothing unless the profile says so", async () => {
  const of = await scene("");
  await of.r.settle();
  expect(of.merges()).toBe(0);
  expect(await of.rows("merge")).toEqual([]);
});

it.each([
  [405, "Pull Request is not mergeable"],
  [409, "Head branch was modified. Review and try the merge again."],
  [422, "Validation Failed"],
])(
  "a merge refused with %i leaves branch and issue alone, says why, and is not tried again by itself",
  async (status, message) => {
    const of = await scene();
    of.r.forge.faults.next({ method: "PUT", path: /\/merge$/ }, { status, body: { message } });
    await of.until("merge-failed", isHeldBy(of, "merge-failed"));
    expect((await of.held())?.detail).toContain(message);
    for (let ticks = 0; ticks < 6; ticks += 1) await of.r.tick();
    expect(of.merges()).toBe(1);
    await expectUntouched(of);

    const [row] = await of.rows("merge");
    await of.r.store.outbox.retry(row?.id ?? 0, "ann");
    await of.until("merged after all", isMerged(of));
    await of.until("the branch is gone", async () => !(await of.hasBranch()));
  },
);

it("a refused merge is asked for again by the hold label, set and taken off, and by nothing a machine sets", async () => {
  const of = await scene();
  of.r.forge.faults.next({ method: "PUT", path: /\/merge$/ }, { status: 405, body: { message: "no" } });
  await of.until("merge-failed", isHeldBy(of, "merge-failed"));
  await of.r.as("bot")("POST", `/issues/${of.pull}/labels`, { labels: ["bug"] });
  await of.r.tick();
  await of.r.tick();
  expect(of.merges()).toBe(1);
  await of.r.api("POST", `/issues/${of.pull}/labels`, { labels: ["agent-hold"] });
  await of.until("held", isHeldBy(of, "held"));
  await of.r.api("DELETE", `/issues/${of.pull}/labels/agent-hold`);
  await of.until("merged", isMerged(of));
});

it("a refused merge is tried again when the base has moved, and three times at most", async () => {
  const of = await scene();
  of.r.forge.faults.next({ method: "PUT", path: /\/merge$/, times: 100 }, { status: 405, body: { message: "no" } });
  for (let moves = 0; moves < 5; moves += 1) {
    for (let ticks = 0; ticks < 4; ticks += 1) await of.r.tick();
    await of.r.push("main", "other.txt");
  }
  for (let ticks = 0; ticks < 4; ticks += 1) await of.r.tick();
  expect(of.merges()).toBe(3);
  expect(await of.held()).toMatchObject({ reason: "merge-failed" });
  await expectUntouched(of);
});

it("a merge whose answer is lost is found out by reading, made once, and cleaned up after", async () => {
  const of = await scene();
  of.r.forge.faults.next({ method: "PUT", path: /\/merge$/ }, "drop-reply-after-applying");
  await of.until("merged", isMerged(of));
  await of.until("the branch is gone", async () => !(await of.hasBranch()));
  await of.until("the row knows", async () => (await of.rows("merge"))[0]?.state === "sent");
  expect(of.merges()).toBe(1);
  expect(await of.issueState()).toBe("closed");
});

it.each([
  ["drop-before-applying", "drop-before-applying" as const],
  ["500", { status: 500 }],
])("a merge that never arrived (%s) takes nothing along, and is made later", async (_, fault) => {
  const of = await scene();
  of.r.forge.faults.next({ method: "PUT", path: /\/merge$/ }, fault);
  await of.until("a try", async () => of.merges() === 1 || ((await of.rows("merge"))[0]?.lastError ?? null) !== null);
  await expectUntouched(of);
  expect(await of.held()).toMatchObject({ reason: "merging" });
  await of.until("merged", isMerged(of));
  await of.until("the branch is gone", async () => !(await of.hasBranch()));
});

/** Ticks without delivering until the merge is asked for. */
async function untilAsked(of: Scene): Promise<void> {
  for (let ticks = 0; ticks < 8; ticks += 1) {
    of.r.clock.advance(30_000);
    await tick(of.r.project, { draining: false });
    if ((await of.rows("merge")).length > 0) return;
  }
  throw new Error(`no merge was asked for; it is held: ${JSON.stringify(await of.held())}`);
}

it("a person's push between the decision and its sending is never merged: the forge is not even asked", async () => {
  const of = await scene(merging());
  await untilAsked(of);
  await of.r.push(of.branch);
  await of.r.deliver();
  expect((await of.rows("merge"))[0]).toMatchObject({
    state: "failed",
    lastError: expect.stringContaining("head-moved"),
  });
  expect(of.merges()).toBe(0);
  await expectUntouched(of);
});

it.each<[string, (of: Scene) => Promise<unknown>, RegExp]>([
  [
    "the hold label",
    ({ r, pull }) => r.api("POST", `/issues/${pull}/labels`, { labels: ["agent-hold"] }),
    /^withdrawn: held$/,
  ],
  [
    "the blocked label",
    ({ r, pull }) => r.api("POST", `/issues/${pull}/labels`, { labels: ["agent-blocked"] }),
    /^withdrawn: blocked$/,
  ],
  [
    "a person's review that asks for changes",
    ({ r, pull }) => r.api("POST", `/pulls/${pull}/reviews`, { event: "REQUEST_CHANGES", body: "No." }),
    // Its label waits to be sent as well, and a repair waits for that.
    /^withdrawn: (fix|publishing)$/,
  ],
  ["a push", ({ r, branch }) => r.push(branch), /^withdrawn: superseded$/],
  ["a close", ({ r, pull }) => r.api("PATCH", `/pulls/${pull}`, { state: "closed" }), /^withdrawn: not-open$/],
  [
    "a check that fails",
    async ({ r, branch, pull }) => {
      await r.forge.setChecks({ repository: "ann/web", ref: branch, checks: { build: "failure" } });
      await r.api("POST", `/issues/${pull}/comments`, { body: "Look." });
    },
    // Its label waits to be sent as well, and a rerun waits for that.
    /^withdrawn: (ci-refresh|publishing)$/,
  ],
])("a merge that was not sent is taken back by %s", async (_, act, reason) => {
  const of = await scene();
  await untilAsked(of);
  await act(of);
  await of.r.tick();
  expect((await of.rows("merge"))[0]).toMatchObject({ state: "dropped", lastError: expect.stringMatching(reason) });
  expect(of.merges()).toBe(0);
  expect((await of.look()).merged).toBe(false);
  expect(await of.hasBranch()).toBe(true);
});

it("what was taken back is asked for again when nothing speaks against it any more", async () => {
  const of = await scene();
  await untilAsked(of);
  await of.r.api("POST", `/issues/${of.pull}/labels`, { labels: ["agent-hold"] });
  await of.until("held", isHeldBy(of, "held"));
  await of.r.api("DELETE", `/issues/${of.pull}/labels/agent-hold`);
  await of.until("merged", isMerged(of));
  expect((await of.rows("merge")).map(({ state }) => state)).toEqual(["dropped", "sent"]);
});

it("merges by a person's approval of this very head only, and a push asks for another one", async () => {
  const of = await scene("merge: { enabled: true, require_approval: human }\n");
  await of.until("it waits for a person", isHeldBy(of, "human-review"));
  await of.r.as("tim")("POST", `/issues/${of.pull}/labels`, { labels: ["agent-human-approved"] });
  await untilAsked(of);
  of.r.clock.advance(5_000);
  await of.r.push(of.branch);
  await of.r.forge.setChecks({ repository: "ann/web", ref: of.branch, checks: { build: "success" } });
  await of.until("it waits for a person again", isHeldBy(of, "human-review"));
  expect(of.merges()).toBe(0);
  expect((await of.held())?.detail).toMatch(/pushed to after|before this head/);
  const { head } = await of.look();
  await of.r.as("tim")("POST", `/pulls/${of.pull}/reviews`, { event: "APPROVE", commit_id: head.sha });
  await of.until("merged", isMerged(of));
  expect((await of.rows("merge")).at(-1)).toMatchObject({ body: { headSha: head.sha } });
});

it("a pull request merged by a person is cleaned up after just the same", async () => {
  const of = await scene("");
  await of.r.settle();
  await of.r.api("PUT", `/pulls/${of.pull}/merge`, {});
  await of.until("the branch is gone", async () => !(await of.hasBranch()));
  expect(await of.issueState()).toBe("closed");
  expect((await of.look()).labels).toEqual([]);
});

it("a pull request closed without a merge keeps its branch, and its issue stays open and is free", async () => {
  const of = await scene("");
  await of.r.settle();
  expect(await of.held("issue:1")).toMatchObject({ reason: "linked-pull-request" });
  await of.r.api("POST", `/issues/1/labels`, { labels: ["agent-hold"] });
  await of.r.api("PATCH", `/pulls/${of.pull}`, { state: "closed" });
  await of.r.settle();
  expect(await of.hasBranch()).toBe(true);
  expect(await of.issueState()).toBe("open");
  expect((await of.look()).labels).toEqual([]);
  expect(await of.held("issue:1")).toMatchObject({ reason: "held" });
});

it("an issue that is kept open has its task list ticked and is told, once, over restarts", async () => {
  const labels = ["agent-ready", "agent-keep-open", "agent-hold"];
  const body = "Again and again:\n- [ ] work on the first entry, in #2\n- [ ] work on another\n- [x] done";
  const of = await scene("", { labels, body });
  await of.r.as("bot")("PATCH", `/pulls/${of.pull}`, { body: `Related to #${of.issue}` });
  await of.r.settle();
  await of.r.api("PUT", `/pulls/${of.pull}/merge`, {});
  // A runtime that dies after it has saved what follows the merge, and before it has forgotten the pull request.
  await tick({ ...of.r.project, known: forgetful(of.r) }, { draining: false }).catch(() => {});
  await of.r.restart().settle();
  const seen = await of.r.api<{ state: string; body: string }>("GET", `/issues/${of.issue}`);
  expect(seen).toMatchObject({ state: "open", body: body.replace("[ ] work on the first", "[x] work on the first") });
  const comments = await of.r.api<{ body: string }[]>("GET", `/issues/${of.issue}/comments`);
  expect(comments.filter((comment) => comment.body.startsWith("# Merged"))).toHaveLength(1);
  expect(await of.hasBranch()).toBe(false);
});

/** Dies when it is to forget. */
function forgetful({ project }: RepositoryOnForge): RepositoryOnForge["project"]["known"] {
  return new Proxy(project.known, {
    get: (known, name) => {
      if (name === "forget") return () => Promise.reject(new Error("killed"));
      const value = Reflect.get(known, name);
      return typeof value === "function" ? value.bind(known) : value;
    },
    set: (known, name, value) => Reflect.set(known, name, value),
  });
}

it("deletes no branch that somebody pushed to after the merge", async () => {
  const of = await scene("");
  await of.r.settle();
  await of.r.api("PUT", `/pulls/${of.pull}/merge`, {});
  await of.r.push(of.branch);
  for (let ticks = 0; ticks < 4; ticks += 1) await of.r.tick();
  expect(await of.hasBranch()).toBe(true);
  expect((await of.rows("delete-branch"))[0]).toMatchObject({
    state: "failed",
    lastError: expect.stringContaining("head-moved"),
  });
});

it("goes through the merge queue where the base has one, leaves it alone there, and cleans up after", async () => {
  const of = await scene();
  of.r.forge.protectBranch("ann/web", "main", { mergeQueue: true });
  await of.until("queued", isHeldBy(of, "in-merge-queue"));
  for (let ticks = 0; ticks < 4; ticks += 1) await of.r.tick();
  expect((await of.rows("merge")).map(({ state }) => state)).toEqual(["failed", "sent"]);
  await expectUntouched(of);
  expect(await of.r.forge.runMergeQueue("ann/web")).toEqual([of.pull]);
  await of.until("the branch is gone", async () => !(await of.hasBranch()));
  expect(await of.issueState()).toBe("closed");
});

it.each<[string, string, (of: Scene) => Promise<unknown>, (of: Scene) => Promise<unknown>]>([
  [
    "held",
    merging(),
    (of) => of.r.api("POST", `/issues/${of.pull}/labels`, { labels: ["agent-hold"] }),
    (of) => of.r.api("DELETE", `/issues/${of.pull}/labels/agent-hold`),
  ],
  [
    "in-merge-queue",
    "merge: { enabled: true, require_approval: human }\n",
    (of) => of.r.as("tim")("DELETE", `/issues/${of.pull}/labels/agent-human-approved`),
    (of) => of.r.as("tim")("POST", `/issues/${of.pull}/labels`, { labels: ["agent-human-approved"] }),
  ],
])(
  "what a person stops while it is queued (%s) leaves the queue once, and goes there again when it may",
  async (because, profile, stops, lets) => {
    const of = await scene(profile);
    of.r.forge.protectBranch("ann/web", "main", { mergeQueue: true });
    if (because === "in-merge-queue") {
      await of.until("it waits for a person", isHeldBy(of, "human-review"));
      await lets(of);
    }
    await of.until("queued", isHeldBy(of, "in-merge-queue"));
    const left = async () =>
      (await of.r.api<{ event: string }[]>("GET", `/issues/${of.pull}/timeline`)).filter(
        ({ event }) => event === "removed_from_merge_queue",
      ).length;
    of.r.clock.advance(2_000);
    await stops(of);
    await of.until("it has left", async () => (await left()) === 1);
    for (let ticks = 0; ticks < 4; ticks += 1) await of.r.tick();
    expect(await left()).toBe(1);
    expect(await of.rows("leave-merge-queue")).toMatchObject([{ state: "sent", result: { left: true } }]);
    expect(await of.r.forge.runMergeQueue("ann/web")).toEqual([]);
    await expectUntouched(of);
    of.r.clock.advance(2_000);
    await lets(of);
    await of.until("queued again", isHeldBy(of, "in-merge-queue"));
    expect(await of.r.forge.runMergeQueue("ann/web")).toEqual([of.pull]);
  },
);

it("what leaves the queue unmerged is decided anew, and put there again when the base has moved", async () => {
  const of = await scene();
  of.r.forge.protectBranch("ann/web", "main", { mergeQueue: true });
  await of.until("queued", isHeldBy(of, "in-merge-queue"));
  of.r.forge.protectBranch("ann/web", "main", { mergeQueue: true, requiredChecks: ["other"] });
  expect(await of.r.forge.runMergeQueue("ann/web")).toEqual([]);
  of.r.forge.protectBranch("ann/web", "main", { mergeQueue: true });
  await of.until("it failed", isHeldBy(of, "merge-failed"));
  expect((await of.held())?.detail).toContain("left the merge queue");
  await expectUntouched(of);
  await of.r.push("main", "other.txt");
  await of.until("queued again", isHeldBy(of, "in-merge-queue"));
  expect(await of.r.forge.runMergeQueue("ann/web")).toEqual([of.pull]);
  await of.until("the branch is gone", async () => !(await of.hasBranch()));
});
