import { type Deliverer, type NewOutboxRow, type OutboxKind, outboxKinds } from "@agent-control-plane/core";
import { ManualClock, type TemporaryStore, temporaryStore } from "@agent-control-plane/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bodySha, createDeliverers, type Delivery, deliverNext } from "../../src/index.ts";
import {
  type Connected,
  type ForgeUnderTest,
  type NewRepository,
  startForgeUnderTest,
} from "../fixtures/forge-under-test.ts";
import type { GitBranches } from "../fixtures/git-branches.ts";

let under: ForgeUnderTest;
let repository: NewRepository;
let temporary: TemporaryStore;
let clock: ManualClock;
let bot: Connected;
let ann: Connected;
let git: GitBranches;
/** Each test has an issue and a branch of its own in the repository they share. */
let issue: number;
let branch: string;
let sha: string;
let workflowRunId: number;

beforeAll(async () => {
  under = await startForgeUnderTest();
  repository = await under.newRepository();
  git = repository.git;
});
afterAll(async () => {
  await under.remove();
  expect(under.contractProblems()).toEqual([]);
});
beforeEach(async () => {
  clock = new ManualClock();
  temporary = await temporaryStore({ clock });
  under.forge.faults.clear();
  const at = { cache: temporary.store.forgeCache, cooldowns: temporary.store.cooldowns, clock };
  bot = repository.connect("bot", at);
  ann = repository.connect("ann", at);
  issue = (await ann.operator.createIssue({ title: "Broken", labels: ["agent-ready"] })).number;
  branch = `agent/${issue}`;
});

function delivery(owner: string, deliverers = createDeliverers(bot.writes, git.pushBranch)): Delivery {
  return { outbox: temporary.store.outbox, deliverers, owner, profileIds: ["demo"], clock, claimMs: 60_000 };
}

async function enqueue(kind: OutboxKind, body: NewOutboxRow["body"]) {
  const key = `demo/issue:${issue}/1/${kind}`;
  const row = { profileId: "demo", kind, stream: `demo/issue:${issue}`, idempotencyKey: key, body };
  const [saved] = await temporary.store.outbox.enqueue([row], "test");
  return saved?.id ?? 0;
}

/** Delivers until the row has its verdict; answers how many tries it took. */
async function settle(id: number, by = delivery("runtime")) {
  for (let round = 1; round <= 8; round += 1) {
    await deliverNext(by);
    const row = await temporary.store.outbox.get(id);
    if (row?.state !== "pending") return row;
    clock.advance(60_000);
  }
  throw new Error("no verdict after eight rounds");
}

async function pushFirst(file?: string) {
  sha = await git.commit(`A change for ${issue}`, file);
  await git.pushBranch.push({ branch, sha, expectedSha: null });
}

interface Write {
  readonly kind: OutboxKind;
  /** POST when not given. */
  readonly method?: string;
  readonly path: RegExp;
  /** How many requests like it go before it. */
  readonly after?: number;
  readonly prepare?: () => Promise<unknown>;
  readonly body: () => NewOutboxRow["body"];
  /** How often its effect can be seen on the forge. */
  readonly effects: () => Promise<number>;
}

const eventsOf = async (issue_number: number, kind: string) => {
  const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/events";
  const { data } = await ann.gate.request(route, { ...repository.name, issue_number });
  return data.filter((event) => event.event === kind);
};

const events = async (kind: string, label: string) =>
  (await eventsOf(issue, kind)).filter((event) => "label" in event && event.label?.name === label).length;

/** Somebody's pull request, of which each test makes its own. */
let pull: number;

async function openPull(file?: string) {
  await pushFirst(file);
  const opened = { head: branch, base: "main", title: "Theirs", body: "Text", draft: false };
  ({ number: pull } = await ann.writes.openPullRequest(opened));
}

async function putIntoQueue(who = bot) {
  await pushFirst();
  const base = `line-${issue}`;
  await git.commitAll([], [base]);
  under.forge.protectBranch(repository.fullName, base, { mergeQueue: true });
  const opened = { head: branch, base, title: "Theirs", body: "Text", draft: false };
  ({ number: pull } = await ann.writes.openPullRequest(opened));
  await who.writes.enqueue((await who.writes.queueing(pull)).nodeId, sha);
}

async function sayOnLine() {
  await openPull();
  const route = "POST /repos/{owner}/{repo}/pulls/{pull_number}/comments";
  const place = { commit_id: sha, path: "change.txt", line: 1, side: "RIGHT" as const };
  const { data } = await ann.gate.request(route, { ...repository.name, pull_number: pull, body: "Why?", ...place });
  lineComment = Number(data.id);
}
let lineComment: number;

const textSha = bodySha("Text");

const writes: readonly Write[] = [
  {
    kind: "push-branch",
    path: /git-receive-pack$/,
    prepare: async () => {
      sha = await git.commit("A change");
    },
    body: () => ({ branch, sha, expectedSha: null }),
    effects: async () => ((await git.pushBranch.head(branch)) === sha ? 1 : 0),
  },
  {
    kind: "open-pull-request",
    path: /\/pulls$/,
    prepare: () => pushFirst(),
    body: () => ({ head: branch, base: "main", title: "Fix", body: `Closes #${issue}`, sha, draft: false }),
    effects: async () => (await ann.writes.pullRequestsFrom(branch)).length,
  },
  {
    kind: "comment",
    path: /\/comments$/,
    body: () => ({ number: issue, body: "Opened PR" }),
    effects: async () => (await ann.writes.comments(issue)).filter((one) => one.author === "bot").length,
  },
  {
    kind: "add-labels",
    path: /\/labels$/,
    body: () => ({ number: issue, labels: ["agent-running"] }),
    effects: () => events("labeled", "agent-running"),
  },
  {
    kind: "remove-labels",
    method: "DELETE",
    path: /\/labels\/agent-ready$/,
    body: () => ({ number: issue, labels: ["agent-ready"] }),
    effects: () => events("unlabeled", "agent-ready"),
  },
  {
    kind: "create-label",
    path: /\/labels$/,
    body: () => ({ name: `lane-${issue}`, color: "0e8a16", description: "May be worked on" }),
    effects: async () => (await bot.source.labelNames()).filter((name) => name === `lane-${issue}`).length,
  },
  {
    kind: "rerun-checks",
    path: /\/rerun-failed-jobs$/,
    prepare: failChecks,
    body: () => ({ sha, runIds: [workflowRunId] }),
    effects: async () => (await attempt()) - 1,
  },
  {
    kind: "create-issue",
    path: /\/issues$/,
    body: () => ({ title: `Follow-up of ${issue}`, body: "The rest of it", labels: ["agent-ready"] }),
    effects: async () =>
      (await ann.operator.listIssues({ state: "all", limit: 200 })).filter(
        ({ title }) => title === `Follow-up of ${issue}`,
      ).length,
  },
  {
    kind: "update-issue",
    method: "PATCH",
    path: /\/issues\/\d+$/,
    body: () => ({ number: issue, expectedBodySha: bodySha(""), title: "Mended", body: "- [x] done" }),
    effects: async () => (await eventsOf(issue, "renamed")).length,
  },
  {
    kind: "close-issue",
    method: "PATCH",
    path: /\/issues\/\d+$/,
    body: () => ({ number: issue, reason: "not-planned" }),
    effects: async () => (await eventsOf(issue, "closed")).length,
  },
  {
    kind: "update-pull-request",
    method: "PATCH",
    path: /\/pulls\/\d+$/,
    prepare: () => openPull(),
    body: () => ({ number: pull, expectedBodySha: textSha, title: "Better", body: "New text" }),
    effects: async () => (await eventsOf(pull, "renamed")).length,
  },
  {
    kind: "close-pull-request",
    method: "PATCH",
    path: /\/pulls\/\d+$/,
    prepare: () => openPull(),
    body: () => ({ number: pull, headSha: sha }),
    effects: async () => (await eventsOf(pull, "closed")).length,
  },
  {
    kind: "review",
    path: /\/reviews$/,
    prepare: () => openPull(),
    body: () => ({ number: pull, headSha: sha, event: "approve", body: "Well done" }),
    effects: async () => (await ann.writes.reviews(pull)).filter(({ event }) => event === "approve").length,
  },
  {
    kind: "review-reply",
    path: /\/replies$/,
    prepare: sayOnLine,
    body: () => ({ number: pull, commentId: lineComment, body: "Because" }),
    effects: async () => (await ann.writes.lineComments(pull)).filter(({ author }) => author === "bot").length,
  },
  {
    kind: "request-review",
    path: /\/requested_reviewers$/,
    prepare: () => openPull(),
    body: () => ({ number: pull, reviewer: "eve" }),
    effects: async () => (await eventsOf(pull, "review_requested")).length,
  },
  {
    kind: "status",
    path: /\/statuses\//,
    prepare: () => pushFirst(),
    body: () => ({ sha, state: "success", context: "acp/review", description: "Reviewed" }),
    effects: async () => (await ann.writes.statuses(sha)).length,
  },
  {
    kind: "merge",
    method: "PUT",
    path: /\/merge$/,
    // A file of its own: what was merged before conflicts with no other.
    prepare: () => openPull(`change-${issue}.txt`),
    body: () => ({ number: pull, headSha: sha, method: "squash", title: "In", message: null, queue: false }),
    effects: async () => (await eventsOf(pull, "merged")).length,
  },
  {
    kind: "leave-merge-queue",
    path: /\/graphql$/,
    after: 1,
    prepare: putIntoQueue,
    body: () => ({ number: pull }),
    effects: async () => (await eventsOf(pull, "removed_from_merge_queue")).length,
  },
  {
    kind: "delete-branch",
    method: "DELETE",
    path: /\/git\/refs\//,
    prepare: () => pushFirst(),
    body: () => ({ branch, sha }),
    effects: async () => Number((await ann.writes.branchHead(branch)) === null),
  },
];

async function failChecks() {
  await pushFirst();
  const wanted = { repository: repository.fullName, ref: sha, checks: { lint: "success", test: "failure" } as const };
  ({ workflowRunId } = await under.forge.setChecks(wanted));
}

async function attempt(): Promise<number> {
  const route = "GET /repos/{owner}/{repo}/actions/runs/{run_id}";
  return (await ann.gate.request(route, { ...repository.name, run_id: workflowRunId })).data.run_attempt ?? 0;
}

it("each kind of write is among these", () => {
  expect(writes.map(({ kind }) => kind).sort()).toEqual([...outboxKinds].sort());
});

describe.each(writes)("$kind", ({ kind, method = "POST", path, after = 0, prepare, body, effects }) => {
  async function begin() {
    await prepare?.();
    expect(await effects()).toBe(0);
    return enqueue(kind, body());
  }

  it("without trouble has one effect", async () => {
    expect(await settle(await begin())).toMatchObject({ state: "sent", tries: 1 });
    expect(await effects()).toBe(1);
  });

  it.each([
    "drop-reply-after-applying",
    "drop-before-applying",
    { status: 502 },
    { status: 429, headers: { "retry-after": "30" } },
  ] as const)("with %j has one effect", async (fault) => {
    const id = await begin();
    under.forge.faults.next({ method, path, after }, fault);
    const row = await settle(id);
    expect(row).toMatchObject({ state: "sent" });
    // Git itself may send again what it knows was not answered; that is one try of ours.
    if (kind !== "push-branch") expect(row?.tries).toBeGreaterThan(1);
    expect(await effects()).toBe(1);
  });

  it("whose reply is lost three times has one effect", async () => {
    const id = await begin();
    under.forge.faults.next({ method, path, after, times: 3 }, "drop-reply-after-applying");
    expect(await settle(id)).toMatchObject({ state: "sent" });
    expect(await effects()).toBe(1);
  });

  it.each(["before", "after"] as const)("whose sender dies %s the request has one effect", async (when) => {
    const id = await begin();
    let died = () => {};
    const dead = new Promise<void>((reached) => {
      died = reached;
    });
    const whole = createDeliverers(bot.writes, git.pushBranch);
    const dying: Deliverer = {
      ...whole[kind],
      async deliver(row, needed) {
        if (when === "after") await whole[kind].deliver(row, needed);
        died();
        return new Promise(() => {});
      },
    };
    void deliverNext(delivery("dead", { ...whole, [kind]: dying }));
    await dead;
    expect(await deliverNext(delivery("heir"))).toBe("idle");
    clock.advance(60_000);
    expect(await settle(id, delivery("heir"))).toMatchObject({ state: "sent" });
    expect(await effects()).toBe(1);
  });
});

describe("a comment", () => {
  it("quoted by somebody else is not taken for ours", async () => {
    const id = await enqueue("comment", { number: issue, body: "Opened PR" });
    under.forge.faults.next({ method: "POST", path: /\/comments$/ }, "drop-before-applying");
    await deliverNext(delivery("runtime"));
    const { idempotencyKey } = (await temporary.store.outbox.get(id)) ?? { idempotencyKey: "" };
    await ann.operator.comment(issue, `I say <!-- acp:key=${encodeURIComponent(idempotencyKey)} -->`);
    clock.advance(60_000);
    expect(await settle(id)).toMatchObject({ state: "sent" });
    expect((await ann.writes.comments(issue)).map((one) => one.author)).toEqual(["ann", "bot"]);
  });

  it("is found among hundreds", async () => {
    const id = await enqueue("comment", { number: issue, body: "Opened PR" });
    under.forge.faults.next({ method: "POST", path: /\/comments$/ }, "drop-reply-after-applying");
    await deliverNext(delivery("runtime"));
    for (let i = 0; i < 101; i += 1) await ann.operator.comment(issue, `chatter ${i}`);
    clock.advance(60_000);
    expect(await settle(id)).toMatchObject({ state: "sent" });
    expect((await ann.writes.comments(issue)).filter((one) => one.author === "bot")).toHaveLength(1);
  });

  it("names the pull request that was opened before it", async () => {
    await pushFirst();
    const stream = `demo/issue:${issue}`;
    const common = { profileId: "demo", stream };
    const [, comment] = await temporary.store.outbox.enqueue(
      [
        {
          ...common,
          kind: "open-pull-request",
          idempotencyKey: `${stream}/pr`,
          body: { head: branch, base: "main", title: "Fix", body: "Text", sha, draft: false },
        },
        {
          ...common,
          kind: "comment",
          idempotencyKey: `${stream}/note`,
          needsKey: `${stream}/pr`,
          body: { number: issue, body: "Opened PR #{{pull_request_number}}: {{pull_request_url}}" },
        },
      ],
      "test",
    );
    expect(await settle(comment?.id ?? 0)).toMatchObject({ state: "sent" });
    const [pull] = await ann.writes.pullRequestsFrom(branch);
    const [written] = await ann.writes.comments(issue);
    expect(written?.body).toContain(`Opened PR #${pull?.number}: ${pull?.url}`);
  });
});

it("a pull request that its profile wants as a draft with labels is one", async () => {
  await pushFirst();
  const at = { profileId: "demo", stream: `demo/issue:${issue}` };
  const pull = { head: branch, base: "main", title: "Fix", body: "Text", sha, draft: true };
  const key = `demo/issue:${issue}/1/pull`;
  const [, labels] = await temporary.store.outbox.enqueue(
    [
      { ...at, kind: "open-pull-request", idempotencyKey: key, body: pull },
      {
        ...at,
        kind: "add-labels",
        idempotencyKey: `${key}-labels`,
        needsKey: key,
        body: { number: null, labels: ["x"] },
      },
    ],
    "test",
  );
  under.forge.faults.next({ method: "POST", path: /\/labels$/ }, "drop-reply-after-applying");
  expect(await settle(labels?.id ?? 0)).toMatchObject({ state: "sent" });
  expect(await ann.writes.pullRequestsFrom(branch)).toMatchObject([{ draft: true, labels: ["x"] }]);
});

describe("a pull request", () => {
  const body = () => ({ head: branch, base: "main", title: "Fix", body: "Text", sha, draft: false });
  beforeEach(() => pushFirst());

  it("that a person opened for the branch is taken over", async () => {
    const theirs = await ann.writes.openPullRequest({
      head: branch,
      base: "main",
      title: "Mine",
      body: "By hand",
      draft: false,
    });
    const row = await settle(await enqueue("open-pull-request", body()));
    expect(row).toMatchObject({ state: "sent", result: { number: theirs.number } });
    expect(await ann.writes.pullRequestsFrom(branch)).toHaveLength(1);
  });

  it("that a person closed before its lost reply was settled stays closed", async () => {
    const id = await enqueue("open-pull-request", body());
    under.forge.faults.next({ method: "POST", path: /\/pulls$/ }, "drop-reply-after-applying");
    await deliverNext(delivery("runtime"));
    const [pull] = await ann.writes.pullRequestsFrom(branch);
    await ann.operator.closeIssue(pull?.number ?? 0);
    clock.advance(60_000);
    expect(await settle(id)).toMatchObject({ state: "sent", result: { number: pull?.number } });
    expect(await ann.writes.pullRequestsFrom(branch)).toMatchObject([{ state: "closed" }]);
  });

  it("without its branch is refused with the forge's words", async () => {
    const row = await settle(await enqueue("open-pull-request", { ...body(), head: "agent/none" }));
    expect(row).toMatchObject({ state: "failed", lastError: expect.stringContaining("422") });
  });
});

it("a branch that somebody else moved is left alone", async () => {
  await pushFirst();
  const other = await git.commit("Another change");
  const row = await settle(await enqueue("push-branch", { branch, sha: other, expectedSha: null }));
  expect(row).toMatchObject({ state: "failed", lastError: expect.stringContaining(sha) });
  expect(await git.pushBranch.head(branch)).toBe(sha);
});

it("labels that people set and take off before our write arrives stay as they left them", async () => {
  await ann.operator.setLabels(issue, { add: ["bug", "help"] });
  const adds = await enqueue("add-labels", { number: issue, labels: ["agent-running"] });
  const removes = await enqueue("remove-labels", { number: issue, labels: ["agent-ready"] });
  await ann.operator.setLabels(issue, { add: ["urgent"], remove: ["help"] });
  expect(await settle(adds)).toMatchObject({ state: "sent" });
  expect(await settle(removes)).toMatchObject({ state: "sent" });
  expect([...(await ann.writes.labels(issue))].sort()).toEqual(["agent-running", "bug", "urgent"]);
});

it("removing labels of which one is not there removes the others", async () => {
  const row = await settle(await enqueue("remove-labels", { number: issue, labels: ["never-was", "agent-ready"] }));
  expect(row).toMatchObject({ state: "sent" });
  expect(await ann.writes.labels(issue)).toEqual([]);
});

it("a write into a deleted issue fails and lets the next one go", async () => {
  under.forge.deleteIssue(repository.fullName, issue);
  const bad = await enqueue("comment", { number: issue, body: "hello" });
  const other = (await ann.operator.createIssue({ title: "Other" })).number;
  const good = await enqueue("add-labels", { number: other, labels: ["x"] });
  expect(await settle(good)).toMatchObject({ state: "sent" });
  expect(await temporary.store.outbox.get(bad)).toMatchObject({ state: "failed" });
});

describe("a label to create", () => {
  it("that is there already keeps the colour a person gave it", async () => {
    await ann.operator.ensureLabel({ name: `lane-${issue}`, color: "ff0000" });
    const id = await enqueue("create-label", { name: `LANE-${issue}`, color: "0e8a16", description: "" });
    expect(await settle(id)).toMatchObject({ state: "sent", tries: 1 });
    const { data } = await ann.gate.request("GET /repos/{owner}/{repo}/labels/{name}", {
      ...repository.name,
      name: `lane-${issue}`,
    });
    expect(data.color).toBe("ff0000");
  });

  it("that the forge does not take is refused with its words", async () => {
    const id = await enqueue("create-label", { name: `lane-${issue}`, color: "green", description: "" });
    expect(await settle(id)).toMatchObject({ state: "failed", lastError: expect.stringContaining("422") });
  });
});

describe("what stands in the merge queue", () => {
  const isThere = async () => (await ann.writes.queueing(pull)).isWaiting;

  it("stays there when a person put it there", async () => {
    await putIntoQueue(ann);
    const id = await enqueue("leave-merge-queue", { number: pull });
    expect(await settle(id)).toMatchObject({ state: "sent", tries: 1, result: { number: pull, left: false } });
    expect(await isThere()).toBe(true);
  });

  it("that somebody takes out between our look and our request is out, once", async () => {
    await putIntoQueue();
    const id = await enqueue("leave-merge-queue", { number: pull });
    const raced = { ...bot.writes };
    raced.dequeue = async (nodeId) => {
      await ann.writes.dequeue(nodeId);
      await bot.writes.dequeue(nodeId);
    };
    const row = await settle(id, delivery("runtime", createDeliverers(raced, git.pushBranch)));
    expect(row).toMatchObject({ state: "sent", tries: 1, result: { left: false } });
    expect(await eventsOf(pull, "removed_from_merge_queue")).toHaveLength(1);
  });

  it("that a person puts there again after our lost reply stays there", async () => {
    await putIntoQueue();
    const id = await enqueue("leave-merge-queue", { number: pull });
    under.forge.faults.next({ method: "POST", path: /\/graphql$/, after: 1 }, "drop-reply-after-applying");
    await deliverNext(delivery("runtime"));
    await ann.writes.enqueue((await ann.writes.queueing(pull)).nodeId, sha);
    clock.advance(60_000);
    expect(await settle(id)).toMatchObject({ state: "sent", result: { left: true } });
    expect(await isThere()).toBe(true);
  });
});

describe("checks to run again", () => {
  it("that run already are left to it", async () => {
    await failChecks();
    await ann.writes.rerunFailedJobs(workflowRunId);
    const id = await enqueue("rerun-checks", { sha, runIds: [workflowRunId] });
    expect(await settle(id)).toMatchObject({ state: "sent", tries: 1 });
    expect(await attempt()).toBe(2);
  });

  it("that somebody starts between our look and our request are left to it", async () => {
    await failChecks();
    const id = await enqueue("rerun-checks", { sha, runIds: [workflowRunId] });
    const { rerunFailedJobs } = bot.writes;
    const raced = { ...bot.writes };
    raced.rerunFailedJobs = async (run) => {
      await ann.writes.rerunFailedJobs(run);
      await rerunFailedJobs(run);
    };
    expect(await settle(id, delivery("runtime", createDeliverers(raced, git.pushBranch)))).toMatchObject({
      state: "sent",
      tries: 1,
    });
    expect(await attempt()).toBe(2);
  });

  it("of another commit are never started: whoever reports a check may name any run", async () => {
    await failChecks();
    const id = await enqueue("rerun-checks", { sha: "0".repeat(40), runIds: [workflowRunId] });
    expect(await settle(id)).toMatchObject({ state: "failed", lastError: expect.stringContaining("0000") });
    expect(await attempt()).toBe(1);
  });

  it("are asked for although one of them is gone, and the row says which", async () => {
    await failChecks();
    const id = await enqueue("rerun-checks", { sha, runIds: [999_999_999, workflowRunId] });
    expect(await settle(id)).toMatchObject({ state: "failed", lastError: expect.stringContaining("999999999") });
    expect(await attempt()).toBe(2);
  });

  it("without a failure in them are refused", async () => {
    await failChecks();
    await under.forge.setChecks({ repository: repository.fullName, ref: sha, checks: { test: "success" } });
    const id = await enqueue("rerun-checks", { sha, runIds: [workflowRunId] });
    expect(await settle(id)).toMatchObject({ state: "failed" });
    expect(await attempt()).toBe(1);
  });
});
