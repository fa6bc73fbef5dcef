// Acceptance: `why` gives exactly one code for any item in any state, and names the change that would unblock it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { holdReasons } from "@agent-control-plane/core";
import { afterEach, expect, it } from "vitest";
import { holdUpWrites, type LanesProject, makeLanesProject, untilHeld } from "../lanes/support/lanes-project.ts";
import { personAt } from "../lanes/support/person.ts";
import { until } from "../support/product.ts";

let project: LanesProject | undefined;
afterEach(async () => project?.product.close());

interface Answer {
  readonly kind: string;
  readonly lane: string;
  readonly verdict: string;
  readonly reason: string;
  readonly text: string;
  readonly unblockedBy: string;
  readonly detail: string;
  readonly history: readonly string[];
}

/** The document as documented, checked; and the same said to people. */
async function ask({ product }: LanesProject, number: number): Promise<Answer> {
  const answer = await product.json<Answer>("why", String(number));
  expect(Object.keys(answer).sort()).toEqual(
    ["detail", "history", "kind", "lane", "number", "profileId", "reason", "text", "unblockedBy", "verdict"].sort(),
  );
  const { reason, text, unblockedBy } = answer;
  const wanted = reason === "launch" ? ["nothing holds it", ""] : holdReasons[reason as keyof typeof holdReasons];
  expect([text, unblockedBy]).toEqual(wanted);
  return answer;
}

/** Four at a time: each is a process. */
async function askAll(of: LanesProject, numbers: readonly number[]): Promise<ReadonlyMap<number, Answer>> {
  const answers = new Map<number, Answer>();
  const left = [...numbers];
  const worker = async () => {
    for (let number = left.shift(); number !== undefined; number = left.shift())
      answers.set(number, await ask(of, number));
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return answers;
}

async function expectEach(of: LanesProject, wanted: readonly (readonly [number, string, (string | RegExp)?])[]) {
  const answers = await askAll(
    of,
    wanted.map(([number]) => number),
  );
  const found = wanted.map(([number]) => [number, answers.get(number)?.reason]);
  expect(found).toEqual(wanted.map(([number, reason]) => [number, reason]));
  for (const [number, , detail] of wanted) if (detail) expect(answers.get(number)?.detail).toMatch(detail);
  return answers;
}

it("says of each item what holds it, one code, and what would let it go", async () => {
  project = await makeLanesProject({ script: {} });
  const { ann, will, eve, product } = project;
  const admin = product.forge();
  await admin.createUser({ login: "tess" });
  await admin.setPermission("ann/web", "tess", "triage");
  const tess = await personAt(admin, "ann/web", "tess");
  const issue = (title: string, body = "", ...labels: readonly string[]) => will.createIssue({ title, body, labels });
  const ready = "agent-ready";
  const plain = await issue("Not opted in");
  const held = await issue("Held", "", ready, "agent-hold");
  const blocked = await issue("Blocked", "", ready, "agent-blocked");
  const untrusted = await issue("Opted in by somebody who may only triage");
  await tess.label(untrusted, ready);
  const voided = await eve.createIssue({ title: "Edited since", body: "One thing." });
  await will.label(voided, ready);
  const waits = await issue("Waits", `Depends-on: #${plain}`, ready);
  const round = await issue("In a circle", "", ready);
  await will.edit(round, { body: `Depends-on: #${await issue("Other half", `Depends-on: #${round}`, ready)}` });
  const dropped = await issue("Will not be done");
  const waitsForEver = await issue("Waits for ever", `Depends-on: #${dropped}`, ready);
  const closedIssue = await issue("Closed", "", ready);
  for (const [number, reason] of [
    [dropped, "not_planned"],
    [closedIssue, "completed"],
  ] as const)
    await product.json("issue", "close", String(number), "--reason", reason);
  const yearly = await issue("Yearly", "Schedule: 30 2 1 1 *", ready);
  const nonsense = await issue("Nonsense", "Schedule: 99 99 * * *", ready);
  const free = await issue("Free to start", "", ready);
  const linked = await issue("Somebody is at it", "", ready);

  const open = async (head: string, over: object = {}) => {
    project?.push(head, { [`${head}.md`]: "mine\n" }, "main");
    return (await will.openPull({ ...over, head, title: head })).number;
  };
  const mine = await open("mine", { body: `Fixes #${linked}` });
  const draft = await open("draft", { draft: true });
  const pending = await open("pending");
  await admin.setChecks({ repository: "ann/web", ref: "pending", checks: { build: "in_progress" } });
  const asked = await open("asked-by-a-triager");
  const heldPull = await open("held-pull");
  const merged = await open("merged");
  await will.merge(merged);
  const closedPull = await open("closed");
  await will.edit(closedPull, { state: "closed" });
  await admin.createFork({ repository: "ann/web", owner: "eve" });
  await admin.setPermission("eve/web", "will", "write");
  project.push("forked", { "forked.md": "theirs\n" }, "main", "eve/web");
  const fork = (await eve.openPull({ head: "eve:forked", title: "From a fork" })).number;
  for (const pull of [draft, pending, fork, heldPull]) await will.label(pull, "agent-handoff");
  await will.label(heldPull, "agent-hold");
  await tess.label(asked, "agent-handoff");
  await eve.edit(voided, { body: "Another thing." });

  const { sequence } = await admin.counters();
  const answers = await expectEach(project, [
    [plain, "not-opted-in", /agent-ready/],
    [held, "held", /agent-hold/],
    [blocked, "blocked", /agent-blocked/],
    [untrusted, "opt-in-untrusted", /tess/],
    [voided, "opt-in-voided", /eve/],
    [waits, "depends-on", new RegExp(`#${plain}`)],
    [round, "dependency-cycle", new RegExp(`#${round}`)],
    [waitsForEver, "dependency-not-planned", new RegExp(`#${dropped}`)],
    [dropped, "not-open", `#${dropped} is closed`],
    [closedIssue, "not-open", `#${closedIssue} is closed`],
    [yearly, "not-due", /01-01T02:30/],
    [nonsense, "schedule-invalid", /99/],
    [linked, "linked-pull-request", new RegExp(`#${mine}`)],
    [free, "launch"],
    [mine, "not-managed", /mine/],
    [draft, "draft"],
    [pending, "checks-pending"],
    [asked, "handoff-untrusted", /tess/],
    [heldPull, "held"],
    [fork, "fork", /eve\/web/],
    [merged, "not-open", `#${merged} is merged`],
    [closedPull, "not-open", `#${closedPull} is closed`],
  ]);
  expect(
    [yearly, free, pending, merged].map((number) => [answers.get(number)?.kind, answers.get(number)?.lane]),
  ).toEqual([
    ["issue", "scheduled-check"],
    ["issue", "issue-implementation"],
    ["pull-request", "pr-review"],
    ["pull-request", "pr-review"],
  ]);
  // Asking is nothing that anybody sees, and starts nothing.
  const writes = (await admin.counters({ since: sequence })).log.filter(({ isWrite }) => isWrite);
  expect(writes.map(({ route }) => route)).toEqual([]);
  expect([project.started(), await project.store.tasks.list({ queue: "web" }), await ann.comments(free)]).toEqual([
    [],
    [],
    [],
  ]);

  expect((await product.acp("why", `#${held}`)).stdout).toBe(
    [
      `issue #${held}  held  issue-implementation`,
      "a person holds it with the hold label",
      "label agent-hold",
      "until  take the hold label off",
      "",
    ].join("\n"),
  );
  expect((await product.acp("why", String(free))).stdout).toContain("starts with the next tick");
}, 180_000);

it("says so when there is nothing to say it of", async () => {
  project = await makeLanesProject({ script: {} });
  const { product } = project;
  await project.will.createIssue({ title: "One" });
  expect(await product.acp("why", "999", "--json")).toEqual({
    code: 1,
    stdout: "",
    stderr: 'error: There is no issue or pull request #999 in ann/web. "acp issue list" shows the issues.\n',
  });
  for (const given of [[], ["abc"], ["-1"], ["0"], ["1", "2"]])
    expect(await product.acp("why", ...given)).toMatchObject({ code: 64, stdout: "" });
  expect((await product.acp("why")).stderr).toContain('"acp runtime status" says it of all');
});

it("follows an item through its life, beside a daemon that it does not disturb", async () => {
  const failing = 'if [ "$ITEM" = "$(cat "$CONTROL/failing" || true)" ]; then exit 7; fi';
  const asking = `if [ "$ITEM" = "$(cat "$CONTROL/asking" || true)" ]; then report '{"outcome":"blocked","detail":"no access"}'; exit 0; fi`;
  project = await makeLanesProject({
    script: { "issue-implementation": [failing, asking, 'gate "go-$ITEM"', 'echo text > "note-$ITEM.txt"'].join("\n") },
    configure: {
      "lanes.enabled": ["issue-implementation"],
      "limits.max_concurrent_workers": 1,
      "execution.retry.cooldowns": [3600],
    },
  });
  const running = project;
  const { will, product, store } = running;
  const work = (title: string) => will.createIssue({ title, labels: ["agent-ready"] });
  const first = await work("First");
  await running.start();
  await untilHeld(running, first, "running");
  await until("the daemon has nothing left to write", async () => {
    return (await store.outbox.list({ profileId: "web", states: ["pending"] })).length === 0;
  });
  const seq = (await store.events.latest(1, {})).at(-1)?.seq;
  const before = await product.forge().counters();
  const second = await work("Second");
  await expectEach(running, [
    [first, "running", /task 1/],
    [second, "workers-full"],
  ]);
  const written = (await product.forge().counters({ since: before.sequence })).log.filter(({ isWrite }) => isWrite);
  expect(written.map(({ route }) => route)).toEqual(["POST /repos/{owner}/{repo}/issues"]);
  const since = (await store.events.list({ afterSeq: seq ?? 0 })).filter(({ actor }) => actor === "reader");
  expect(since).toEqual([]);

  await holdUpWrites(running, first);
  running.open(`go-${first}`);
  await untilHeld(running, first, "publishing");
  await untilHeld(running, second, "running");
  const failed = await work("Fails");
  const asks = await work("Asks");
  writeFileSync(join(product.folder, "control", "failing"), String(failed));
  writeFileSync(join(product.folder, "control", "asking"), String(asks));
  running.open(`go-${second}`);
  await untilHeld(running, failed, "backoff");
  await untilHeld(running, asks, "dead-letter");
  await untilHeld(running, first, "linked-pull-request");
  const answer = await ask(running, asks);
  expect(answer.history.join("\n")).toMatch(/task\.\S+.*blocked/);

  await product.json("runtime", "pause", "--reason", "release week");
  const later = await work("Later");
  await untilHeld(running, later, "paused");
  await product.json("runtime", "resume");
  running.open(`go-${later}`);

  await product.forge().addFault({ method: "GET", path: /\/issues$/, times: 1000 }, { status: 503 });
  await expectEach(running, [[second, "forge-unreachable", /503/]]);
  await product.forge().clearFaults();
  await until("the daemon has gone on all the time", async () => (await will.pulls()).length === 3);
}, 180_000);
