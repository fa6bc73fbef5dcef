import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { expect } from "vitest";
import { parsePlan } from "../../src/flow/plan/parse-plan.ts";
import { planKeys } from "../../src/flow/plan/plan-keys.ts";

type Tree = unknown;
type Section = { [key: string]: Tree };

const sections = (tree: Tree): readonly Section[] => {
  if (typeof tree !== "object" || tree === null) return [];
  const inner = Object.values(tree).flatMap(sections);
  return Array.isArray(tree) ? inner : [tree as Section, ...inner];
};

/** Everything that a plan may say, once. */
const whole = (): Section => ({
  name: "release",
  goal: "Ship it.",
  parallelism: 4,
  deadline: "2h",
  budget: { usd: 5, tokens: 100_000, attempts: 50 },
  profile: "acme",
  cwd: "sub",
  concurrency: { gpu: 2 },
  on_done: { command: ["echo", "done"] },
  defaults: {
    ...{ worker: "shell", model: "big", timeout: "10m", on_fail: "continue", cwd: "x", group: "gpu", priority: 1 },
    ...{ retry: { count: 1, backoff: "1s", factor: 2, max: 60 }, env: { pass: ["HOME"], set: { A: "1" } } },
  },
  judge: { worker: "claude", prompt: "Good?", model: "big", rounds: 1 },
  tasks: [
    { id: "build", name: "Build", command: "make", outputs: { app: "out/app" }, judge: false, retry: 2 },
    {
      ...{ id: "test", command: ["make", "test"], depends_on: ["build"], inputs: { depth: { of: [3, null] } } },
      validate: [
        { file: "out/report.json" },
        { regex: { pattern: "ok", flags: "i", in: "stderr" } },
        { json_schema: { file: "r.json", schema: { type: "object", properties: { a: {} } } } },
        { command: "true", timeout: 5 },
      ],
    },
    {
      ...{ id: "ask", worker: "claude", prompt: "Think.", depends_on: ["build", "test"], on_fail: "ask" },
      ...{ ask: { expires: "1h", answer: "skip" }, worktree: { repository: ".", base: "main" }, priority: 2 },
    },
    { id: "review", worker: "claude", prompt: "Judge it.", judges: "build", rounds: 2 },
  ],
});

/** Deeper than what writes JSON can go. */
const veryDeep = "very deep";
const deep = (levels: number): Tree => Array.from({ length: levels }).reduce<Tree>((tree) => [tree], 1);
const odd: readonly (() => Tree)[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e300,
    2 ** 53,
    "",
    " ",
    "x",
    "\u0000",
    "\ud800",
    "\u202e\u200b",
    "😀",
    "../..",
    "~",
  ].map((value) => () => value),
  ...[
    () => "A".repeat(70_000),
    () => "9".repeat(400),
    () => [],
    () => ({}),
    () => [[]],
    () => ({ a: 1 }),
    () => ["x", "x"],
  ],
  ...[() => deep(70), () => veryDeep, () => Array.from({ length: 1_500 }, () => "x")],
  () => JSON.parse('{"__proto__": {"polluted": true}}'),
];
const names = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "Tasks",
  "tasks ",
  "",
  "😀",
  "a.b",
  "id",
  "judge",
];

/** A valid plan with one to four changes of its keys, values, ids or needs; JSON, so that every key is as it is. */
export function mutatedPlan(seed: number): string {
  const random = seeded(seed);
  const upTo = (count: number) => Math.floor(random() * count);
  const pick = <T>(from: readonly T[]): T => from[upTo(from.length)] as T;
  const plan = whole();
  for (let changes = 1 + upTo(4); changes > 0; changes -= 1) {
    const section = pick(sections(plan));
    const key = pick([...Object.keys(section), "new"]);
    const tasks = Array.isArray(plan.tasks) ? (plan.tasks as Section[]).filter((each) => typeof each === "object") : [];
    const task = tasks.length === 0 ? plan : (pick(tasks) as Section);
    switch (upTo(8)) {
      case 0:
        put(section, pick(names), section[key]);
        break;
      case 1:
        put(section, key, pick(odd)());
        break;
      case 2:
        put(section, pick(names), pick(odd)());
        break;
      case 3:
        delete section[key];
        break;
      case 4:
        put(task ?? plan, "depends_on", [pick(["build", "test", "ask", "review", "nobody", "BUILD", "build.judge"])]);
        break;
      case 5:
        put(task ?? plan, "id", pick(["build", "Build", "ask", "..", "con", "build.judge", "a".repeat(65), 7]));
        break;
      case 6:
        put(task ?? plan, "judges", pick(["build", "test", "review", "nobody", "ask"]));
        break;
      default:
        if (Array.isArray(plan.tasks)) plan.tasks.push(structuredClone(task));
    }
  }
  return JSON.stringify(plan, null, upTo(3)).replaceAll(`"${veryDeep}"`, `${"[".repeat(5_000)}${"]".repeat(5_000)}`);
}

/** As `JSON.parse` would: `__proto__` is a key like others. */
function put(section: Section, key: string, value: Tree): void {
  Object.defineProperty(section, key, { value, enumerable: true, configurable: true, writable: true });
}

const known = new Set(planKeys());
const free = /^(?:concurrency|(?:defaults|tasks\[\])\.env\.set|tasks\[\]\.(?:inputs|outputs)|.*\.schema)\./;

/** Keys that a plan has and that mean nothing to us. An empty value is as good as none. */
function unknownIn(tree: Tree, path: string): readonly string[] {
  if (typeof tree !== "object" || tree === null) return [];
  if (Array.isArray(tree)) return tree.flatMap((each) => unknownIn(each, `${path}[]`));
  return Object.entries(tree).flatMap(([key, value]) => {
    const here = path === "" ? key : `${path}.${key}`;
    if (free.test(here)) return [];
    return known.has(here) ? unknownIn(value, here) : [here];
  });
}

/** A plan without a key that was passed over, or problems, each with its line and its reason. Answers how many were plans. */
export async function tryMutations(from: number, count: number): Promise<number> {
  let plans = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const text = mutatedPlan(seed);
    const told = `seed ${seed}: ${text.slice(0, 3000)}`;
    const answer = await parsePlan(text, { file: "p.json", cwd: "/w", workers: ["claude"], now: 1_800_000_000_000 });
    if ("plan" in answer) {
      plans += 1;
      expect(unknownIn(JSON.parse(text), ""), told).toEqual([]);
      expect(JSON.parse(JSON.stringify(answer.plan)), told).toEqual(answer.plan);
      const ids = answer.plan.tasks.map(({ id }) => id.toLowerCase());
      expect(new Set(ids).size, told).toBe(ids.length);
      continue;
    }
    expect(answer.problems.length, told).toBeGreaterThan(0);
    const lines = text.split("\n").length;
    for (const { line, column, message, fix } of answer.problems) {
      const isTold = line >= 1 && line <= lines && column >= 1 && message !== "" && fix !== "";
      expect(isTold, `${told} ${line}:${column} ${message}`).toBe(true);
    }
  }
  expect(({} as { polluted?: unknown }).polluted).toBe(undefined);
  return plans;
}
