import type { NewOutboxRow, OutboxKind } from "@agent-control-plane/core";
import { ManualClock, type TemporaryStore, temporaryStore } from "@agent-control-plane/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bodySha, createDeliverers, type Delivery, deliverNext, type ForgeWrites } from "../../src/index.ts";
import {
  type Connected,
  type ForgeUnderTest,
  type NewRepository,
  startForgeUnderTest,
} from "../fixtures/forge-under-test.ts";

let under: ForgeUnderTest;
let repository: NewRepository;
let temporary: TemporaryStore;
let clock: ManualClock;
let bot: Connected;
let ann: Connected;
let eve: Connected;
let made = 0;

beforeAll(async () => {
  under = await startForgeUnderTest();
  repository = await under.newRepository();
});
afterAll(async () => {
  await under.remove();
  expect(under.contractProblems()).toEqual([]);
});
beforeEach(async () => {
  clock = new ManualClock();
  temporary = await temporaryStore({ clock });
  under.forge.faults.clear();
  under.forge.protectBranch(repository.fullName, "main", null);
  const at = { cache: temporary.store.forgeCache, cooldowns: temporary.store.cooldowns, clock };
  bot = repository.connect("bot", at);
  ann = repository.connect("ann", at);
  eve = repository.connect("eve", at);
});

/** Delivers one row to its verdict. `first`: what happens on the forge before its second try. */
async function deliver(
  kind: OutboxKind,
  body: NewOutboxRow["body"],
  {
    first,
    writes = bot.writes,
    key = "",
  }: { first?: (key: string) => Promise<unknown>; writes?: ForgeWrites; key?: string } = {},
) {
  const idempotencyKey = `demo/issue:1/${kind}${key}`;
  const row = { profileId: "demo", kind, stream: "demo/issue:1", idempotencyKey, body };
  const [saved] = await temporary.store.outbox.enqueue([row], "test");
  const deliverers = createDeliverers(writes, repository.git.pushBranch);
  const by: Delivery = {
    ...{ outbox: temporary.store.outbox, deliverers, owner: "runtime", profileIds: ["demo"], clock, claimMs: 60_000 },
  };
  for (let round = 1; round <= 8; round += 1) {
    await deliverNext(by);
    if (round === 1) await first?.(idempotencyKey);
    const now = await temporary.store.outbox.get(saved?.id ?? 0);
    if (now !== null && now.state !== "pending") return now;
    clock.advance(3_600_000);
  }
  throw new Error("no verdict after eight rounds");
}

const failedWith = (code: string) => ({ state: "failed", lastError: expect.stringMatching(new RegExp(`^${code}: `)) });

async function branch() {
  made += 1;
  const name = `agent/${made}`;
  const sha = await repository.git.commit(`Change ${made}`, `file-${made}.txt`);
  await repository.git.pushBranch.push({ branch: name, sha, expectedSha: null });
  return { name, sha };
}

async function pullBy(author: Connected) {
  const { name, sha } = await branch();
  const text = { title: `Pull ${made}`, body: "Text" };
  const { number } = await author.writes.openPullRequest({ head: name, base: "main", ...text, draft: false });
  return { number, name, sha };
}

async function pushTo(name: string, from: string) {
  const sha = await repository.git.commit(`Another ${made}`, `other-${made}.txt`);
  await repository.git.pushBranch.push({ branch: name, sha, expectedSha: from });
  return sha;
}

const mergeOf = (number: number, headSha: string, over: object = {}) =>
  ({ number, headSha, method: "merge", title: null, message: null, queue: false, ...over }) as const;

describe("a text to replace", () => {
  it("that a person edited since stays theirs", async () => {
    const { number } = await ann.operator.createIssue({ title: "One", body: "- [ ] a" });
    const change = { number, expectedBodySha: bodySha("- [ ] old"), title: null, body: "- [x] a" };
    expect(await deliver("update-issue", change)).toMatchObject(failedWith("edited-since"));
    expect((await ann.writes.issue(number)).body).toBe("- [ ] a");
    const pull = await pullBy(ann);
    const other = { number: pull.number, expectedBodySha: bodySha("x"), title: "New", body: null };
    expect(await deliver("update-pull-request", other)).toMatchObject(failedWith("edited-since"));
    expect((await ann.writes.pullRequest(pull.number)).title).not.toBe("New");
  });

  it("that reads so already is done, and one that is only a title leaves the body", async () => {
    const { number } = await ann.operator.createIssue({ title: "One", body: "kept" });
    const title = { number, expectedBodySha: bodySha("kept"), title: "Two", body: null };
    expect(await deliver("update-issue", title)).toMatchObject({ state: "sent" });
    expect(await ann.writes.issue(number)).toMatchObject({ title: "Two", body: "kept" });
  });

  it("of an issue that was deleted is a dead letter that says so", async () => {
    const { number } = await ann.operator.createIssue({ title: "One" });
    under.forge.deleteIssue(repository.fullName, number);
    const change = { number, expectedBodySha: bodySha(""), title: null, body: "x" };
    expect(await deliver("update-issue", change)).toMatchObject(failedWith("gone"));
  });
});

describe("closing", () => {
  it("an issue that a person closed keeps their reason", async () => {
    const { number } = await ann.operator.createIssue({ title: "One" });
    await ann.operator.closeIssue(number, "not_planned");
    expect(await deliver("close-issue", { number, reason: "completed" })).toMatchObject({
      state: "sent",
      result: { number, reason: "not-planned" },
    });
  });

  it("a pull request that somebody pushed to is refused", async () => {
    const { number, name, sha } = await pullBy(bot);
    await pushTo(name, sha);
    expect(await deliver("close-pull-request", { number, headSha: sha })).toMatchObject(failedWith("head-moved"));
    expect(await ann.writes.pullRequest(number)).toMatchObject({ state: "open" });
  });
});

describe("a review", () => {
  it("of one's own pull request is posted as a comment", async () => {
    const { number, sha } = await pullBy(bot);
    const row = await deliver("review", { number, headSha: sha, event: "request-changes", body: "Mend it" });
    expect(row).toMatchObject({ state: "sent", result: { event: "comment" } });
    expect(await ann.writes.reviews(number)).toMatchObject([{ author: "bot", event: "comment" }]);
    expect(bot.sent.filter(({ status }) => status === 422)).toEqual([]);
  });

  it("of one's own pull request is a comment too where nobody says who we are", async () => {
    const { number, sha } = await pullBy(bot);
    const writes = { ...bot.writes, login: async () => null };
    const row = await deliver("review", { number, headSha: sha, event: "approve", body: "" }, { writes });
    expect(row).toMatchObject({ state: "sent", result: { event: "comment" } });
    expect(await ann.writes.reviews(number)).toHaveLength(1);
  });

  it("is not taken for posted when a stranger quotes its mark", async () => {
    const { number, sha } = await pullBy(ann);
    under.forge.faults.next({ method: "POST", path: /\/reviews$/ }, "drop-before-applying");
    const first = (key: string) =>
      eve.writes.postReview(number, { sha, event: "approve", body: `<!-- acp:key=${encodeURIComponent(key)} -->` });
    const row = await deliver("review", { number, headSha: sha, event: "approve", body: "Good" }, { first });
    expect(row).toMatchObject({ state: "sent" });
    expect((await ann.writes.reviews(number)).map(({ author }) => author)).toEqual(["eve", "bot"]);
  });
});

it("an issue to create is not taken for made when a stranger quotes its mark", async () => {
  under.forge.faults.next({ method: "POST", path: /\/issues$/ }, "drop-before-applying");
  const first = (key: string) =>
    eve.operator.createIssue({ title: "Mine", body: `<!-- acp:key=${encodeURIComponent(key)} -->` });
  const row = await deliver("create-issue", { title: "Ours", body: "", labels: [] }, { first });
  const titles = (await ann.operator.listIssues({ limit: 2 })).map(({ title, author }) => [author, title]);
  expect(titles).toEqual([
    ["bot", "Ours"],
    ["eve", "Mine"],
  ]);
  expect(row).toMatchObject({ state: "sent" });
});

it("an answer to a line comment that is gone is a dead letter", async () => {
  const { number } = await pullBy(ann);
  expect(await deliver("review-reply", { number, commentId: 999, body: "x" })).toMatchObject(failedWith("gone"));
});

it.each(["ann", "nobody-here"])(
  "asking %s, who cannot review it, for a review is a dead letter that says so",
  async (reviewer) => {
    const { number } = await pullBy(ann);
    expect(await deliver("request-review", { number, reviewer })).toMatchObject({
      state: "failed",
      tries: 1,
      lastError: expect.stringMatching(/^refused: .*review/i),
    });
    expect((await bot.writes.pullRequest(number)).requestedReviewers).toEqual([]);
  },
);

describe("a status", () => {
  const context = "acp/review";

  it("says again what it said before when somebody else said something since", async () => {
    const { sha } = await branch();
    const good = { state: "success", context, description: "Reviewed" } as const;
    await bot.writes.setStatus(sha, good);
    await ann.writes.setStatus(sha, { ...good, state: "failure" });
    clock.advance(Date.now() - clock.now() + 3_600_000);
    under.forge.faults.next({ method: "POST", path: /\/statuses\// }, "drop-before-applying");
    expect(await deliver("status", { sha, ...good })).toMatchObject({ state: "sent" });
    expect((await ann.writes.statuses(sha)).map(({ state }) => state)).toEqual(["success", "failure", "success"]);
  });

  it("of a commit the forge does not have is a dead letter", async () => {
    const status = { sha: "0".repeat(40), state: "success", context, description: "" } as const;
    expect(await deliver("status", status)).toMatchObject({ state: "failed" });
  });
});

describe("a merge", () => {
  it("that the rules of the base refuse fails with the forge's words, and touches nothing else", async () => {
    const { number, name, sha } = await pullBy(bot);
    under.forge.protectBranch(repository.fullName, "main", { requiredChecks: ["build"] });
    const row = await deliver("merge", mergeOf(number, sha));
    expect(row).toMatchObject(failedWith("not-mergeable"));
    expect(row.lastError).toContain('Required status check "build"');
    expect(await ann.writes.pullRequest(number)).toMatchObject({ state: "open", merged: false });
    expect(await ann.writes.branchHead(name)).toBe(sha);
  });

  it.each(["before the look", "between look and merge"])("of a head that moved %s is refused", async (when) => {
    const { number, name, sha } = await pullBy(bot);
    const writes = { ...bot.writes };
    if (when === "before the look") await pushTo(name, sha);
    else {
      writes.mergePullRequest = async (which, merge) => {
        await pushTo(name, sha);
        await bot.writes.mergePullRequest(which, merge);
      };
    }
    expect(await deliver("merge", mergeOf(number, sha), { writes })).toMatchObject(failedWith("head-moved"));
    expect(await ann.writes.pullRequest(number)).toMatchObject({ state: "open", merged: false });
  });

  it("that a person made of that very head is done", async () => {
    const one = await pullBy(bot);
    await ann.operator.mergePull(one.number, { sha: one.sha });
    expect(await deliver("merge", mergeOf(one.number, one.sha))).toMatchObject({
      state: "sent",
      result: { merged: true, sha: expect.stringMatching(/^[\da-f]{40}$/) },
    });
  });

  it("that a person made of another head is not the one that was wanted", async () => {
    const { number, name, sha } = await pullBy(bot);
    await ann.operator.mergePull(number, { sha: await pushTo(name, sha) });
    expect(await deliver("merge", mergeOf(number, sha))).toMatchObject(failedWith("head-moved"));
  });

  it("is tried again when the base moved under it", async () => {
    const { number, sha } = await pullBy(bot);
    const body = { message: "Base branch was modified. Review and try the merge again." };
    under.forge.faults.next({ method: "PUT", path: /\/merge$/ }, { status: 405, body });
    expect(await deliver("merge", mergeOf(number, sha))).toMatchObject({ state: "sent", result: { merged: true } });
    const other = await pullBy(bot);
    under.forge.faults.next({ method: "PUT", path: /\/merge$/, times: 9 }, { status: 405, body });
    const again = { ...mergeOf(other.number, other.sha), title: "x" };
    expect(await deliver("merge", again, { key: "again" })).toMatchObject(failedWith("not-mergeable"));
  });

  it("of a closed pull request is refused", async () => {
    const { number, sha } = await pullBy(bot);
    await ann.operator.closeIssue(number);
    expect(await deliver("merge", mergeOf(number, sha))).toMatchObject(failedWith("not-mergeable"));
  });

  it.each<[string, (number: number) => Promise<unknown>, object, RegExp]>([
    ["held by a label", (number) => ann.writes.addLabels(number, ["Agent-Hold"]), {}, /carries the label agent-hold/i],
    ["onto another base", async () => {}, { baseRef: "release" }, /expected base release, found main/],
  ])("of a pull request that is %s by now is refused, and nothing is sent", async (_, act, over, why) => {
    const { number, sha } = await pullBy(bot);
    await act(number);
    const body = mergeOf(number, sha, { baseRef: "main", stopLabels: ["agent-hold", "agent-blocked"], ...over });
    const row = await deliver("merge", body);
    expect(row).toMatchObject(failedWith("not-mergeable"));
    expect(row.lastError).toMatch(why);
    expect(bot.sent.filter(({ method }) => method === "PUT")).toEqual([]);
  });

  it("of a draft is refused before anything is sent", async () => {
    const { name, sha } = await branch();
    const text = { title: "Draft", body: "Text", draft: true };
    const { number } = await bot.writes.openPullRequest({ head: name, base: "main", ...text });
    expect((await deliver("merge", mergeOf(number, sha))).lastError).toMatch(/^not-mergeable: .* it is a draft/);
    expect(bot.sent.filter(({ method }) => method === "PUT")).toEqual([]);
  });

  it("onto the base it was decided for, without such a label, is made", async () => {
    const { number, sha } = await pullBy(bot);
    const body = mergeOf(number, sha, { baseRef: "main", stopLabels: ["agent-hold"] });
    expect(await deliver("merge", body)).toMatchObject({ state: "sent", result: { merged: true } });
  });

  it("that conflicts is refused", async () => {
    const { number, sha } = await pullBy(bot);
    const same = await repository.git.commit(`Another way for ${made}`, `file-${made}.txt`);
    await repository.git.pushBranch.push({ branch: `clash-${made}`, sha: same, expectedSha: null });
    const clash = { head: `clash-${made}`, base: "main", title: "Clash", body: "", draft: false };
    const other = await ann.writes.openPullRequest(clash);
    await ann.operator.mergePull(other.number, { sha: same });
    expect(await deliver("merge", mergeOf(number, sha))).toMatchObject(failedWith("not-mergeable"));
    expect(await ann.writes.pullRequest(number)).toMatchObject({ state: "open" });
  });

  it("is not sent a second time when its reply is lost, and names the commit it became", async () => {
    const { number, sha } = await pullBy(bot);
    under.forge.faults.next({ method: "PUT", path: /\/merge$/ }, "drop-reply-after-applying");
    const row = await deliver("merge", mergeOf(number, sha, { method: "squash", title: "In", message: "All of it" }));
    expect(row).toMatchObject({ state: "sent", result: { merged: true } });
    const { data } = await ann.gate.request("GET /repos/{owner}/{repo}/commits/{ref}", {
      ...repository.name,
      ref: (row.result as { sha: string }).sha,
    });
    expect(data.commit.message).toBe("In\n\nAll of it");
    expect(bot.sent.filter(({ method }) => method === "PUT")).toHaveLength(1);
  });
});

describe("a merge by the forge itself", () => {
  it("goes into the queue of a base that has one, once, however often the reply is lost", async () => {
    const { number, sha } = await pullBy(bot);
    under.forge.protectBranch(repository.fullName, "main", { mergeQueue: true });
    under.forge.faults.next({ method: "POST", path: /graphql$/, times: 1 }, { delayMs: 1 });
    under.forge.faults.next({ method: "POST", path: /graphql$/, times: 1 }, "drop-reply-after-applying");
    const row = await deliver("merge", mergeOf(number, sha, { queue: true }));
    expect(row).toMatchObject({ state: "sent", tries: 2, result: { merged: false, queued: true } });
    expect(await under.forge.runMergeQueue(repository.fullName)).toEqual([number]);
    expect(await ann.writes.pullRequest(number)).toMatchObject({ merged: true, headSha: sha });
  });

  it("is never left to auto-merge, which would merge a later push: without a queue the rules hold now, or not at all", async () => {
    const { number, sha } = await pullBy(bot);
    under.forge.protectBranch(repository.fullName, "main", { requiredChecks: ["build"] });
    const row = await deliver("merge", mergeOf(number, sha, { queue: true }));
    expect(row).toMatchObject(failedWith("not-mergeable"));
    await under.forge.setChecks({ repository: repository.fullName, ref: sha, checks: { build: "success" } });
    expect(await ann.writes.pullRequest(number)).toMatchObject({ merged: false, state: "open" });
  });

  it("is done at once where nothing is to be waited for", async () => {
    const { number, sha } = await pullBy(bot);
    const row = await deliver("merge", mergeOf(number, sha, { queue: true }));
    expect(row).toMatchObject({ state: "sent", result: { merged: true } });
  });

  it("of a base with a queue is refused when it goes round the queue", async () => {
    const { number, sha } = await pullBy(bot);
    under.forge.protectBranch(repository.fullName, "main", { mergeQueue: true });
    expect(await deliver("merge", mergeOf(number, sha))).toMatchObject(failedWith("not-mergeable"));
  });
});

describe("a branch to delete", () => {
  it("that somebody pushed to stays", async () => {
    const { name, sha } = await branch();
    const moved = await pushTo(name, sha);
    expect(await deliver("delete-branch", { branch: name, sha })).toMatchObject(failedWith("head-moved"));
    expect(await ann.writes.branchHead(name)).toBe(moved);
  });

  it("that the repository stands on stays, whatever the row says", async () => {
    const sha = (await ann.writes.branchHead("main")) ?? "";
    expect(await deliver("delete-branch", { branch: "main", sha })).toMatchObject(failedWith("default-branch"));
    expect(await ann.writes.branchHead("main")).toBe(sha);
  });

  it("that is gone is done", async () => {
    const { name, sha } = await branch();
    await ann.writes.deleteBranch(name);
    expect(await deliver("delete-branch", { branch: name, sha })).toMatchObject({ state: "sent" });
  });
});
