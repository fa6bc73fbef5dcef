// `acp why` says of every item, with no daemon, the one thing that keeps it from being worked, and touches nothing.
import { join } from "node:path";
import { type HoldReason, holdReasons, holdText, unblockedBy } from "@agent-control-plane/core";
import { afterEach, expect, it } from "vitest";
import type { Explanation } from "../../packages/cli/src/runtime/explain-item.ts";
import { runHere } from "../../packages/cli/test/support/in-process.ts";
import { allLanes, type LanesProject, makeLanesProject } from "../lanes/support/lanes-project.ts";
import { git } from "../support/product.ts";

let project: LanesProject | undefined;
afterEach(async () => project?.product.close());

interface Expected {
  readonly reason: HoldReason | "launch";
  /** Issues are of the implementation lane and pull requests of the review lane where nothing else is said. */
  readonly lane?: string;
  readonly kind?: "pull-request";
  /** The fact behind it. */
  readonly detail: RegExp;
  readonly make: (of: LanesProject) => Promise<number>;
}

const ready = ["agent-ready"];
const opens = async (
  { will, push }: LanesProject,
  head: string,
  pull: { readonly draft?: boolean; readonly labels?: readonly string[] } = {},
): Promise<number> => {
  push(head, { [`${head.replaceAll("/", "-")}.md`]: "text\n" }, "main");
  const wanted = { head, title: head, draft: pull.draft ?? false };
  const { number } = await will.openPull(wanted);
  if (pull.labels) await will.label(number, ...pull.labels);
  return number;
};

const states: Readonly<Record<string, Expected>> = {
  "an issue nobody opted in": {
    ...{ reason: "not-opted-in", detail: /agent-ready is missing/ },
    make: ({ ann }) => ann.createIssue({ title: "Not yet" }),
  },
  "an issue a person holds": {
    ...{ reason: "held", detail: /agent-hold/ },
    make: ({ ann }) => ann.createIssue({ title: "Held", labels: [...ready, "agent-hold"] }),
  },
  "an issue a person blocked": {
    ...{ reason: "blocked", detail: /agent-blocked/ },
    make: ({ ann }) => ann.createIssue({ title: "Blocked", labels: [...ready, "agent-blocked"] }),
  },
  "an issue opted in by a stranger": {
    ...{ reason: "opt-in-untrusted", detail: /eve has permission triage/ },
    make: ({ eve }) => eve.createIssue({ title: "Mine", labels: ready }),
  },
  "an issue its author, a stranger, changed after the opt-in": {
    ...{ reason: "opt-in-voided", detail: /eve/ },
    async make({ ann, eve }) {
      const issue = await eve.createIssue({ title: "Harmless", body: "Correct a word." });
      await ann.label(issue, ...ready);
      await eve.edit(issue, { body: "Add my key." });
      return issue;
    },
  },
  "an issue that waits for an open one": {
    ...{ reason: "depends-on", detail: /#1\b/ },
    make: ({ ann }) => ann.createIssue({ title: "Later", body: "Depends-on: #1", labels: ready }),
  },
  "an issue that waits for itself through another one": {
    ...{ reason: "dependency-cycle", detail: /#\d+.*#\d+/ },
    async make({ ann }) {
      const first = await ann.createIssue({ title: "Hen", labels: ready });
      const second = await ann.createIssue({ title: "Egg", body: `Depends-on: #${first}`, labels: ready });
      await ann.edit(first, { body: `Depends-on: #${second}` });
      return first;
    },
  },
  "an issue that waits for itself": {
    ...{ reason: "dependency-cycle", detail: /#\d+/ },
    async make({ ann }) {
      const issue = await ann.createIssue({ title: "Own tail", labels: ready });
      await ann.edit(issue, { body: `Depends-on: #${issue}` });
      return issue;
    },
  },
  "an issue that waits for one that never was": {
    ...{ reason: "dependency-not-planned", detail: /#9999 does not exist/ },
    make: ({ ann }) => ann.createIssue({ title: "Orphan", body: "Depends-on: #9999", labels: ready }),
  },
  "an issue that somebody's open pull request closes": {
    ...{ reason: "linked-pull-request", detail: /#\d+ http/ },
    async make(of) {
      const issue = await of.ann.createIssue({ title: "Taken", labels: ready });
      of.push("taken", { "taken.md": "text\n" }, "main");
      await of.will.openPull({ head: "taken", title: "Taken", body: `Closes #${issue}` });
      return issue;
    },
  },
  "a schedule that is not due": {
    ...{ reason: "not-due", lane: "scheduled-check", detail: /next at \d{4}-02-29T/ },
    make: ({ ann }) => ann.createIssue({ title: "Rare", body: "Schedule: cron 0 0 29 2 *", labels: ready }),
  },
  "a schedule that cannot be followed": {
    ...{ reason: "schedule-invalid", detail: /five fields/ },
    make: ({ ann }) => ann.createIssue({ title: "Odd", body: "Schedule: cron 0 6 * *", labels: ready }),
  },
  "a schedule of a lane that is off": {
    ...{ reason: "lane-off", lane: "scheduled-check", detail: /scheduled-check/ },
    make: ({ ann }) => ann.createIssue({ title: "Check", body: "Schedule: every 6h", labels: ready }),
  },
  "a closed issue": {
    ...{ reason: "not-open", detail: /is closed/ },
    async make({ ann }) {
      const issue = await ann.createIssue({ title: "Done", labels: ready });
      await ann.edit(issue, { state: "closed" });
      return issue;
    },
  },
  "a pull request nobody handed over": {
    ...{ reason: "not-managed", kind: "pull-request", detail: /branch topic/ },
    make: (of) => opens(of, "topic"),
  },
  "a pull request handed over by a stranger": {
    ...{ reason: "handoff-untrusted", kind: "pull-request", detail: /eve set agent-handoff/ },
    async make(of) {
      const pull = await opens(of, "handed");
      await of.eve.label(pull, "agent-handoff");
      return pull;
    },
  },
  "a draft": {
    ...{ reason: "draft", kind: "pull-request", detail: /#\d+/ },
    make: (of) => opens(of, "draft", { draft: true, labels: ["agent-handoff"] }),
  },
  "a pull request with a check that has not finished": {
    ...{ reason: "checks-pending", kind: "pull-request", detail: /build/ },
    async make(of) {
      const pull = await opens(of, "slow", { labels: ["agent-handoff"] });
      await of.product.forge().setChecks({ repository: "ann/web", ref: "slow", checks: { build: "in_progress" } });
      return pull;
    },
  },
  "a pull request a person holds": {
    ...{ reason: "held", kind: "pull-request", detail: /agent-hold/ },
    make: (of) => opens(of, "kept", { labels: ["agent-handoff", "agent-hold"] }),
  },
  "a pull request a person blocked": {
    ...{ reason: "blocked", kind: "pull-request", detail: /agent-blocked/ },
    make: (of) => opens(of, "stuck", { labels: ["agent-handoff", "agent-blocked"] }),
  },
  "a pull request that was closed": {
    ...{ reason: "not-open", kind: "pull-request", detail: /is closed/ },
    async make(of) {
      const pull = await opens(of, "closed", { labels: ["agent-handoff"] });
      await of.will.edit(pull, { state: "closed" });
      return pull;
    },
  },
  "a pull request from a fork, handed over all the same": {
    ...{ reason: "fork", kind: "pull-request", detail: /eve\/web/ },
    make: fromFork,
  },
  "a merged pull request": {
    ...{ reason: "not-open", kind: "pull-request", detail: /is merged/ },
    async make(of) {
      const pull = await opens(of, "merged");
      await of.will.merge(pull);
      return pull;
    },
  },
  "an issue that nothing keeps": {
    ...{ reason: "launch", detail: /a new task/ },
    make: ({ ann }) => ann.createIssue({ title: "Go", labels: ready }),
  },
  "a pull request that nothing keeps": {
    ...{ reason: "launch", kind: "pull-request", detail: /a new task/ },
    async make(of) {
      const pull = await opens(of, "go", { labels: ["agent-handoff"] });
      await of.product.forge().setChecks({ repository: "ann/web", ref: "go", checks: { build: "success" } });
      return pull;
    },
  },
};

async function fromFork({ product, eve, ann }: LanesProject): Promise<number> {
  const admin = product.forge();
  await admin.createFork({ repository: "ann/web", owner: "eve" });
  const remote = new URL(`${admin.url}/eve/web.git`);
  remote.username = "eve";
  remote.password = await admin.createToken({ login: "eve" });
  const repository = join(product.folder, "web-repository");
  const who = ["-c", "user.name=Eve", "-c", "user.email=eve@example.test"];
  git(repository, "checkout", "--quiet", "--detach", "main");
  git(repository, ...who, "commit", "--quiet", "--allow-empty", "--message", "From outside");
  git(repository, "push", "--quiet", remote.href, "HEAD:refs/heads/patch");
  const { number } = await eve.openPull({ head: "eve:patch", title: "From outside" });
  await ann.label(number, "agent-handoff");
  return number;
}

const makeProject = async (): Promise<LanesProject> => {
  const made = await makeLanesProject({
    script: {},
    configure: { "lanes.enabled": allLanes.filter((lane) => lane !== "scheduled-check") },
  });
  const admin = made.product.forge();
  await admin.setPermission("ann/web", "eve", "triage");
  return made;
};

/**
 * Both outputs of `why`: the document, checked for what holds of all of them, and the text. In this process, for a hundred
 * of its own take half a minute; what the published program is asked stands below.
 */
async function ask({ product }: LanesProject, number: number): Promise<Explanation> {
  const { env, folder } = product;
  const json = await runHere(["why", String(number), "--json"], { env, cwd: folder });
  const text = await runHere(["why", `#${number}`], { env, cwd: folder });
  expect({ ...json, stdout: "" }).toEqual({ code: 0, stdout: "", stderr: "" });
  expect({ ...text, stdout: "" }).toEqual({ code: 0, stdout: "", stderr: "" });
  const found = JSON.parse(json.stdout) as Explanation;
  expect(found).toMatchObject({ profileId: "web", number, history: expect.any(Array) });
  if (found.reason === "not-open" && found.detail.endsWith("is merged")) {
    expect(found).toMatchObject({ verdict: "hold", text: "it is merged: nothing is left to do", unblockedBy: "" });
    expect(text.stdout).not.toMatch(/^until/m);
  } else if (found.verdict === "hold") {
    expect(Object.keys(holdReasons)).toContain(found.reason);
    expect(found.text).toBe(holdText(found.reason as HoldReason));
    expect(found.unblockedBy).toBe(unblockedBy(found.reason as HoldReason));
    expect(text.stdout).toContain(`  ${found.reason}  `);
    expect(text.stdout).toMatch(/^until {2}\S/m);
  } else {
    expect(found).toMatchObject({ verdict: "launch", reason: "launch", unblockedBy: "" });
    expect(text.stdout).toContain("starts with the next tick");
    expect(text.stdout).not.toMatch(/^until/m);
  }
  const noun = found.kind === "issue" ? "issue" : "pull request";
  expect(text.stdout.split("\n")[0]).toMatch(new RegExp(`^${noun} #${number} .* ${found.lane}$`));
  expect(text.stdout).toContain(found.text);
  expect(text.stdout).toContain(found.detail);
  return found;
}

it("names of each item the one thing that keeps it, and writes and claims nothing by it", async () => {
  const of = await makeProject();
  project = of;
  const numbers: Record<string, number> = {};
  for (const [state, { make }] of Object.entries(states)) numbers[state] = await make(of);
  const forge = of.product.forge();
  const before = await forge.counters();
  const branches = await of.ann.branches();

  const found: Record<string, object> = {};
  const expected: Record<string, object> = {};
  for (const [state, { reason, lane, kind, detail }] of Object.entries(states)) {
    const seen = await ask(of, numbers[state] ?? 0);
    found[state] = { reason: seen.reason, kind: seen.kind, lane: seen.lane, detail: seen.detail };
    const usual = kind === "pull-request" ? "pr-review" : "issue-implementation";
    expected[state] = {
      ...{ reason, kind: kind ?? "issue", lane: lane ?? usual },
      detail: expect.stringMatching(detail),
    };
  }
  expect(found).toEqual(expected);

  const [held] = Object.entries(found);
  expect(await of.product.json("why", String(numbers[held?.[0] ?? ""]))).toMatchObject(held?.[1] ?? {});

  const after = await forge.counters();
  expect(after.requests).toBeGreaterThan(before.requests);
  expect(after.writes).toBe(before.writes);
  expect(await of.ann.branches()).toEqual(branches);
  expect(await of.store.tasks.list({ queue: "web" })).toEqual([]);
  expect(await of.store.sessions.list({})).toEqual([]);
  expect(await of.store.outbox.list({})).toEqual([]);
  expect(of.started()).toEqual([]);
}, 180_000);

it("tells a number that is none from one that is unknown, and both from what it cannot see now", async () => {
  const of = await makeProject();
  project = of;
  const { product, ann } = of;
  const issue = await ann.createIssue({ title: "Go", labels: ready });
  const deleted = await ann.createIssue({ title: "Spam", labels: ready });
  await product.forge().deleteIssue("ann/web", deleted);
  for (const number of [999, deleted]) {
    const unknown = await product.acp("why", String(number), "--json");
    expect(unknown.code).toBe(1);
    expect(JSON.parse(unknown.stdout)).toEqual({ error: expect.stringContaining("There is no issue"), exitCode: 1 });
    expect(unknown.stderr).toContain(`There is no issue or pull request #${number} in ann/web`);
  }
  const none = await product.acp("why", "--json");
  expect(none.code).toBe(64);
  expect(JSON.parse(none.stdout)).toMatchObject({ exitCode: 64 });
  expect(none.stderr).toContain('"acp runtime status" says it of all');
  for (const given of ["twelve", "", "-1", "0", "1.5", "0x1"]) {
    const ran = await product.acp("why", "--json", "--", given);
    expect({ given, code: ran.code, ...JSON.parse(ran.stdout) }).toMatchObject({ given, code: 64, exitCode: 64 });
    expect(ran.stderr).toContain(`"${given}" names no issue or pull request`);
  }

  await product.json("runtime", "pause", "--reason", "release week");
  expect(await ask(of, issue)).toMatchObject({ reason: "paused", detail: expect.stringContaining("release week") });
  await product.json("runtime", "resume");
  expect(await ask(of, issue)).toMatchObject({ reason: "launch" });

  // The local forge is started by whoever needs it; one at a fixed address is not.
  const { url } = product.forge();
  product.configure("web", { "forge.api_url": `${url}/api/v3`, "forge.git_url": url });
  expect(await ask(of, issue)).toMatchObject({ reason: "launch" });
  await product.json("forge", "stop");
  const away = await ask(of, issue);
  expect(away).toMatchObject({ verdict: "hold", reason: "forge-unreachable", kind: "issue" });
  expect(away.detail).not.toBe("");
  expect((await product.json<{ running: boolean }>("forge", "status")).running).toBe(false);
  await product.json("forge", "start");
  expect(await ask(of, issue)).toMatchObject({ reason: "launch" });

  const forge = product.forge();
  await forge.addFault({ path: /\/repos\//, times: 50 }, { status: 401, body: { message: "Bad credentials" } });
  expect(await ask(of, issue)).toMatchObject({ reason: "forge-refused", detail: expect.stringMatching(/401|refuse/) });
  await forge.clearFaults();
  expect(await ask(of, issue)).toMatchObject({ reason: "launch" });
  const slowDown = { status: 429, headers: { "retry-after": "600" }, body: { message: "Slow down" } };
  await forge.addFault({ path: /\/repos\//, times: 50 }, slowDown);
  expect(await product.json("why", String(issue))).toMatchObject({ reason: "forge-rate-limited" });
  await forge.clearFaults();
  const { requests } = await forge.counters();
  expect(await ask(of, issue)).toMatchObject({ reason: "forge-rate-limited", detail: expect.stringMatching(/\d{4}-/) });
  expect((await forge.counters()).requests).toBe(requests);
}, 120_000);
