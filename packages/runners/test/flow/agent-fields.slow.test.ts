// The keys of a plan that agents and worktrees are there for; those of commands are in packages/cli/test/flow.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleWrapper } from "../fixtures/bundle-wrapper.ts";
import { flowBench, usualExecution } from "../fixtures/flow-bench.ts";

let root = "";
let wrapper = "";
const git = (cwd: string, ...args: readonly string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd, encoding: "utf8" }).trim();

function makeRepository(name: string): void {
  const repository = join(root, name);
  git(root, "init", "-q", "-b", "main", repository);
  for (const text of ["older", "newer"]) {
    writeFileSync(join(repository, "a.txt"), `${name} ${text}\n`);
    git(repository, "add", ".");
    git(repository, "commit", "-qm", text);
    git(repository, "tag", text);
  }
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "acp-agent-fields-"));
  wrapper = join(root, "wrapper.mjs");
  await bundleWrapper("store-wrapper-entry.ts", wrapper);
  for (const name of ["one", "two"]) makeRepository(name);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Plan = Readonly<Record<string, unknown>>;
type Bench = Awaited<ReturnType<typeof flowBench>>;

interface Case {
  readonly key: string;
  readonly plan: Plan;
  readonly otherwise: Plan;
  readonly execution?: string;
  readonly see: (flow: Bench) => Promise<unknown>;
  readonly is: unknown;
  readonly isOtherwise: unknown;
}

const isOver = ({ finishedAt }: { readonly finishedAt: number | null }) => finishedAt !== null;
const agent = (id: string, more: Plan = {}): Plan => ({
  id,
  worker: "claude",
  cwd: "@attempt",
  prompt: "echo done",
  ...more,
});
const plan = (tasks: readonly Plan[], more: Plan = {}): Plan => ({ tasks, ...more });
const after = [agent("first"), agent("t", { depends_on: ["first"] })];

/** The state and reason that `t` comes to, also while it waits. */
const state = async (flow: Bench) => {
  const task = await flow.until("t", (each) => isOver(each) || (each.state === "queued" && each.reason !== null));
  return [task.state, task.reason];
};
const attempts = async (flow: Bench) => (await flow.until("t", isOver)).attempts;
const isSaid = (name: string, id: string, words: string) => async (flow: Bench) => {
  await flow.until("t", isOver);
  return ((await flow.attemptFile(id, name)) ?? "").includes(words);
};
const printed = async (flow: Bench) => {
  await flow.until("t", isOver);
  return ((await flow.attemptFile("t", "stdout.log")) ?? "").trim();
};

const inWorktree = (worktree: Plan | null) =>
  plan([
    { id: "t", worker: "shell", command: "cat a.txt 2>/dev/null || echo nothing", ...(worktree ? { worktree } : {}) },
  ]);

/** A judge may be given by the plan, by the task, or among its checks. */
const judgeSites: { readonly [site: string]: (judge: Plan) => Plan } = {
  judge: (judge) => plan([agent("t")], { judge }),
  "tasks[].judge": (judge) => plan([agent("t", { judge })]),
  "tasks[].validate[].judge": (judge) => plan([agent("t", { validate: [{ judge }] })]),
};
const says = (verdict: string) => `printf '{"verdict":"${verdict}","feedback":"because"}'`;
const ofJudges = Object.entries(judgeSites).flatMap(([site, made]): readonly Case[] => [
  {
    key: `${site}.prompt`,
    plan: made({ worker: "claude", prompt: says("fail") }),
    otherwise: made({ worker: "claude", prompt: says("pass") }),
    ...{ see: state, is: ["failed", "judge-failed"], isOtherwise: ["succeeded", null] },
  },
  {
    key: `${site}.model`,
    plan: made({ worker: "claude", prompt: says("pass"), model: "the-big-one" }),
    otherwise: made({ worker: "claude", prompt: says("pass") }),
    ...{ see: isSaid("spec.json", "t.judge", "the-big-one"), is: true, isOtherwise: false },
  },
]);

const cases = (): readonly Case[] => [
  {
    key: "budget.usd",
    plan: plan(after, { budget: { usd: 0.01 } }),
    otherwise: plan(after, { budget: { usd: 1 } }),
    // Whether the first one is ended by it, or had ended just before, is a matter of time.
    ...{ see: attempts, is: 0, isOtherwise: 1 },
  },
  {
    key: "budget.tokens",
    plan: plan(after, { budget: { tokens: 110 } }),
    otherwise: plan(after, { budget: { tokens: 1_000 } }),
    // Whether the first one is ended by it, or had ended just before, is a matter of time.
    ...{ see: attempts, is: 0, isOtherwise: 1 },
  },
  {
    key: "profile",
    plan: plan([agent("first", { on_fail: "continue" }), agent("t", { depends_on: ["first"] })], { profile: "web" }),
    otherwise: plan([agent("first", { on_fail: "continue" }), agent("t", { depends_on: ["first"] })]),
    execution: `${usualExecution}\nbudgets: { day_tokens: 110 }`,
    ...{ see: state, is: ["queued", "day-budget-spent"], isOtherwise: ["succeeded", null] },
  },
  {
    key: "tasks[].prompt",
    plan: plan([agent("t", { prompt: "exit 3" })]),
    otherwise: plan([agent("t", { prompt: "exit 0" })]),
    see: async (flow) => (await flow.until("t", isOver)).state,
    ...{ is: "failed", isOtherwise: "succeeded" },
  },
  {
    key: "tasks[].model",
    plan: plan([agent("t", { model: "the-big-one" })]),
    otherwise: plan([agent("t")]),
    ...{ see: isSaid("spec.json", "t", "the-big-one"), is: true, isOtherwise: false },
  },
  {
    key: "defaults.model",
    plan: plan([agent("t")], { defaults: { model: "the-big-one" } }),
    otherwise: plan([agent("t", { model: "another" })], { defaults: { model: "the-big-one" } }),
    ...{ see: isSaid("spec.json", "t", "the-big-one"), is: true, isOtherwise: false },
  },
  ...ofJudges,
  {
    key: "tasks[].worktree",
    plan: inWorktree({ repository: join(root, "one") }),
    otherwise: inWorktree(null),
    ...{ see: printed, is: "one newer", isOtherwise: "nothing" },
  },
  {
    key: "tasks[].worktree.repository",
    plan: inWorktree({ repository: join(root, "two") }),
    otherwise: inWorktree({ repository: join(root, "one") }),
    ...{ see: printed, is: "two newer", isOtherwise: "one newer" },
  },
  {
    key: "tasks[].worktree.base",
    plan: inWorktree({ repository: join(root, "one"), base: "older" }),
    otherwise: inWorktree({ repository: join(root, "one") }),
    ...{ see: printed, is: "one older", isOtherwise: "one newer" },
  },
];

/** Named here so that a list of all keys can be held against it. */
const keys = [
  ...["budget.usd", "budget.tokens", "profile", "tasks[].prompt", "tasks[].model", "defaults.model"],
  ...["judge.prompt", "judge.model", "tasks[].judge.prompt", "tasks[].judge.model"],
  ...["tasks[].validate[].judge.prompt", "tasks[].validate[].judge.model"],
  ...["tasks[].worktree", "tasks[].worktree.repository", "tasks[].worktree.base"],
];

it("each of these keys has a case", () => {
  expect(
    cases()
      .map(({ key }) => key)
      .toSorted(),
  ).toEqual(keys.toSorted());
});

it.each(keys)("%s is seen by workers or in the store", async (key) => {
  const found = cases().find((each) => each.key === key);
  if (!found) throw new Error(`There is no case for ${key}`);
  const run = async (text: Plan) => {
    const execution = found.execution === undefined ? {} : { execution: found.execution };
    const flow = await flowBench({ wrapper, plan: JSON.stringify(text), ...execution });
    flow.start("r1");
    return found.see(flow);
  };
  expect(await run(found.plan)).toEqual(found.is);
  expect(await run(found.otherwise)).toEqual(found.isOtherwise);
});
