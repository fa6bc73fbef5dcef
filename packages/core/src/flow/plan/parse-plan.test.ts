import { describe, expect, it } from "vitest";
import type { FlowPlan, FlowTaskSpec } from "../../domain/flow-plan.ts";
import { type PlanText, parsePlan } from "./parse-plan.ts";
import type { PlanProblem } from "./problem.ts";

const options: PlanText = { file: "plans/release.yaml", cwd: "/w", workers: ["claude", "opencode"] };

async function planOf(text: string, more: Partial<PlanText> = {}): Promise<FlowPlan> {
  const answer = await parsePlan(text, { ...options, ...more });
  if ("problems" in answer) throw new Error(JSON.stringify(answer.problems, null, 1));
  return answer.plan;
}

async function problemsOf(text: string, more: Partial<PlanText> = {}): Promise<readonly PlanProblem[]> {
  const answer = await parsePlan(text, { ...options, ...more });
  return "problems" in answer ? answer.problems : [];
}

/** A plan of one task `a` of a shell, with these lines more. */
const withTask = (...lines: string[]) =>
  ["tasks:", "  - id: a", "    worker: shell", "    command: make", ...lines.map((line) => `    ${line}`), ""].join(
    "\n",
  );

const tasks = (...each: string[]) => `tasks:\n${each.map((one) => `  - ${one}\n`).join("")}`;
const shell = (id: string, more = "") => `{id: ${id}, worker: shell, command: make${more}}`;

describe("a plan", () => {
  it("has every default filled in", async () => {
    expect(await planOf(withTask())).toEqual({
      name: "release",
      goal: "",
      parallelism: 4,
      deadlineMs: null,
      budget: { usd: null, tokens: null, attempts: null },
      profile: null,
      cwd: "/w",
      concurrency: {},
      onDone: null,
      defaults: {
        worker: null,
        model: null,
        timeoutMs: 3_600_000,
        retry: { count: 0, backoffMs: 5000, factor: 2, maxMs: 300_000 },
        onFail: "skip_dependents",
        env: { pass: [], set: {} },
        cwd: "/w",
        group: null,
        priority: 0,
        judge: null,
      },
      tasks: [taskOf({})],
    });
  });

  const taskOf = (more: Partial<FlowTaskSpec>): FlowTaskSpec => ({
    id: "a",
    name: "a",
    worker: "shell",
    model: null,
    command: "make",
    prompt: null,
    dependsOn: [],
    judges: null,
    rounds: 0,
    timeoutMs: 3_600_000,
    retry: { count: 0, backoffMs: 5000, factor: 2, maxMs: 300_000 },
    validate: [],
    onFail: "skip_dependents",
    env: { pass: [], set: {} },
    cwd: "/w",
    worktree: null,
    inputs: {},
    outputs: {},
    group: null,
    priority: 0,
    ask: null,
    ...more,
  });

  it.each<[string, Partial<FlowTaskSpec>]>([
    ["name: Build it", { name: "Build it" }],
    ["timeout: 90", { timeoutMs: 90_000 }],
    ["timeout: 1h30m", { timeoutMs: 5_400_000 }],
    ["retry: 3", { retry: { count: 3, backoffMs: 5000, factor: 2, maxMs: 300_000 } }],
    [
      "retry: {count: 2, backoff: 10s, factor: 1.5, max: 1m}",
      { retry: { count: 2, backoffMs: 10_000, factor: 1.5, maxMs: 60_000 } },
    ],
    ["on_fail: continue", { onFail: "continue" }],
    [
      "env: {pass: [HOME], set: {MODE: test, EMPTY: ''}}",
      { env: { pass: ["HOME"], set: { MODE: "test", EMPTY: "" } } },
    ],
    ["cwd: sub/../web", { cwd: "/w/web" }],
    ["cwd: /elsewhere", { cwd: "/elsewhere" }],
    ["cwd: '@attempt'", { cwd: null }],
    ["worktree: {repository: ../repo, base: main}", { cwd: null, worktree: { repository: "/repo", base: "main" } }],
    ["worktree: {}", { cwd: null, worktree: { repository: "/w", base: null } }],
    [
      "inputs: {depth: 3, nothing: null, list: [a, {b: 1}]}",
      { inputs: { depth: 3, nothing: null, list: ["a", { b: 1 }] } },
    ],
    ["outputs: {report: out/report.json}", { outputs: { report: "out/report.json" } }],
    ["group: gpu", { group: "gpu" }],
    ["priority: -5", { priority: -5 }],
    ["on_fail: ask", { onFail: "ask" }],
    [
      "{on_fail: ask, ask: {expires: 2h, answer: skip}}",
      { onFail: "ask", ask: { expiresMs: 7_200_000, answer: "skip" } },
    ],
    [
      "validate: [{command: make check}]",
      { validate: [{ kind: "command", command: "make check", timeoutMs: 300_000 }] },
    ],
    [
      "validate: [{command: [make, check], timeout: 5s}]",
      { validate: [{ kind: "command", command: ["make", "check"], timeoutMs: 5000 }] },
    ],
    ["validate: [{file: out/x}]", { validate: [{ kind: "file", path: "out/x" }] }],
    [
      "validate: [{json_schema: {file: r.json, schema: {type: object}}}]",
      { validate: [{ kind: "json_schema", path: "r.json", schema: { type: "object" } }] },
    ],
    [
      "validate: [{regex: {pattern: '^ok$'}}]",
      { validate: [{ kind: "regex", pattern: "^ok$", flags: "", in: "stdout" }] },
    ],
    [
      "validate: [{regex: {pattern: ok, flags: im, in: out.txt}}]",
      { validate: [{ kind: "regex", pattern: "ok", flags: "im", in: "out.txt" }] },
    ],
  ])("keeps a task's `%s`", async (line, expected) => {
    const lines = line.startsWith("{") ? line.slice(1, -1).split(/, (?=ask:)/) : [line];
    const { tasks: found } = await planOf(withTask(...lines));
    expect(found).toEqual([taskOf(expected)]);
    // The same by the YAML library, which any anchor calls in.
    expect((await planOf(`x: &x 1\n${withTask(...lines)}`.replace("x: &x 1", "name: &x release"))).tasks).toEqual(
      found,
    );
  });

  it.each<[string, Partial<FlowPlan>]>([
    ["name: r", { name: "r" }],
    ["goal: >\n  Ship it\n  today.", { goal: "Ship it today.\n" }],
    ["parallelism: 16", { parallelism: 16 }],
    ["deadline: 2h", { deadlineMs: 7_200_000 }],
    ["deadline: 2027-03-01T18:00:00+01:00", { deadlineMs: 60_000 }],
    ["budget: {usd: 2.5, tokens: 1000, attempts: 7}", { budget: { usd: 2.5, tokens: 1000, attempts: 7 } }],
    ["profile: web", { profile: "web" }],
    ["cwd: ../other", { cwd: "/other" }],
    ["concurrency: {gpu: 2}", { concurrency: { gpu: 2 } }],
    ["on_done: {command: say done}", { onDone: { kind: "command", command: ["sh", "-c", "say done"] } }],
    ["on_done: {command: [say, done]}", { onDone: { kind: "command", command: ["say", "done"] } }],
    ["on_done: {webhook: 'https://x.example/y'}", { onDone: { kind: "webhook", url: "https://x.example/y" } }],
  ])("keeps its own `%s`", async (line, expected) => {
    const now = Date.parse("2027-03-01T16:59:00Z");
    expect(await planOf(`${line}\n${withTask()}`, { now })).toMatchObject(expected);
  });

  it("hands its defaults to its tasks, which say otherwise key by key", async () => {
    const plan = await planOf(`
cwd: sub
defaults:
  worker: claude
  model: big
  timeout: 10m
  retry: {count: 2, backoff: 1s}
  on_fail: continue
  env: {pass: [HOME], set: {A: "1", B: "2"}}
  cwd: web
  group: agents
  priority: 3
tasks:
  - {id: a, prompt: Do it.}
  - {id: b, prompt: Do it., model: small, timeout: 1m, retry: {count: 5}, on_fail: fail, env: {pass: [LANG], set: {B: "3"}}, cwd: x, group: other, priority: 0}
`);
    expect(plan.tasks[0]).toMatchObject({
      worker: "claude",
      model: "big",
      timeoutMs: 600_000,
      retry: { count: 2, backoffMs: 1000 },
      onFail: "continue",
      env: { pass: ["HOME"], set: { A: "1", B: "2" } },
      cwd: "/w/sub/web",
      group: "agents",
      priority: 3,
    });
    expect(plan.tasks[1]).toMatchObject({
      model: "small",
      timeoutMs: 60_000,
      retry: { count: 5, backoffMs: 1000 },
      onFail: "fail",
      env: { pass: ["HOME", "LANG"], set: { A: "1", B: "3" } },
      cwd: "/w/sub/x",
      group: "other",
      priority: 0,
    });
  });

  it("may be JSON, by its ending or its first character", async () => {
    const text = JSON.stringify({ tasks: [{ id: "a", worker: "python", command: ["x.py"] }] });
    expect((await planOf(text, { file: "-" })).tasks[0]?.command).toEqual(["x.py"]);
    expect((await planOf(text, { file: "p.json" })).name).toBe("p");
    expect(await problemsOf("tasks: []", { file: "p.json" })).toMatchObject([{ line: 1, column: 1 }]);
  });
});

describe("judges", () => {
  const judge = "judge: {worker: claude, prompt: Is it good?, rounds: 3, model: big}";

  it.each([
    ["a task's own", withTask(judge)],
    ["the flow's", `${judge}\n${withTask()}`],
    ["one among the checks", withTask(`validate: [{${judge}}]`)],
  ])("%s becomes a task after the one it judges", async (_, text) => {
    const plan = await planOf(text);
    expect(plan.tasks.map(({ id }) => id)).toEqual(["a", "a.judge"]);
    expect(plan.tasks[1]).toMatchObject({
      judges: "a",
      dependsOn: ["a"],
      worker: "claude",
      prompt: "Is it good?",
      rounds: 3,
      model: "big",
      onFail: "continue",
      cwd: "/w",
    });
    expect(plan.tasks[0]?.validate).toEqual([]);
  });

  it("has a prompt of its own when it is an agent and none is given, and two rounds", async () => {
    const plan = await planOf(`defaults: {worker: claude}\n${withTask("validate: [judge]")}`);
    expect(plan.tasks[1]).toMatchObject({ worker: "claude", rounds: 2, prompt: expect.stringContaining('task "a"') });
  });

  it("is not given by the flow to a task that refuses it, has one, or judges", async () => {
    const text = `judge: {worker: shell, command: "true"}\n${tasks(
      shell("a", ", judge: false"),
      shell("b"),
      shell("j", ", judges: b"),
      shell("c", ", judge: {worker: shell, command: mine}"),
    )}`;
    const plan = await planOf(text);
    expect(plan.tasks.map(({ id, judges, command }) => `${id} ${judges} ${command}`)).toEqual([
      "a null make",
      "b null make",
      "j b make",
      "c null make",
      "c.judge c mine",
    ]);
  });
});

/** Text, and for each problem its line, path and part of what it says. */
const wrong: readonly [string, string, ...[number, string, string][]][] = [
  ["an unknown key", withTask("retri: 3"), [5, "tasks[0].retri", 'did you mean "retry"']],
  [
    "an unknown key far in",
    withTask("retry:", "  count: 1", "  maximum: 3"),
    [7, "tasks[0].retry.maximum", "known here: count"],
  ],
  ["an unknown key of the plan", `goals: x\n${withTask()}`, [1, "goals", 'did you mean "goal"']],
  [
    "prototype keys",
    `constructor: x\n${withTask("__proto__: {a: 1}")}`,
    [1, "constructor", "Unknown"],
    [6, "tasks[0].__proto__", "Unknown"],
  ],
  ["prototype keys of inputs", withTask("inputs: {a: {__proto__: 1}}"), [5, "tasks[0].inputs", "__proto__"]],
  ["no tasks", "name: x\n", [1, "tasks", "Is missing"]],
  ["an empty list of tasks", "tasks: []\n", [1, "tasks", "at least one"]],
  ["tasks that are no list", "tasks: {a: 1}\n", [1, "tasks", "Expected a list"]],
  ["a task that is no section", "tasks:\n  - make\n", [2, "tasks[0]", "Expected a section"]],
  ["a plan that is a text", "make it so\n", [1, "", "Expected a section"]],
  ["an empty plan", "", [1, "", "Expected a section"]],
  ["no id", tasks("{worker: shell, command: x}"), [2, "tasks[0].id", "Is missing"]],
  ["an id that names no folder", tasks(shell("../a")), [2, "tasks[0].id", "letters, digits"]],
  ["an id that is a number", tasks(shell("7")), [2, "tasks[0].id", "quotes"]],
  ["an id twice", tasks(shell("a"), shell("a")), [3, "tasks[1].id", "stands twice"]],
  ["ids that differ in case", tasks(shell("a"), shell("A")), [3, "tasks[1].id", "letter case"]],
  [
    "an id that is that of a judge",
    tasks(shell("a", ", judge: {worker: shell, command: x}"), shell("a.judge")),
    [3, "tasks[1].id", "twice"],
  ],
  [
    "a judge whose id is too long",
    tasks(shell("a".repeat(60), ", judge: {worker: shell, command: x}")),
    [2, "tasks[0].judge", "too long"],
  ],
  [
    "an unknown need",
    tasks(shell("build"), shell("b", ", depends_on: [bild]")),
    [3, "tasks[1].depends_on[0]", 'did you mean "build"'],
  ],
  ["a need named twice", tasks(shell("a"), shell("b", ", depends_on: [a, a]")), [3, "tasks[1].depends_on[1]", "twice"]],
  ["a need of itself", tasks(shell("a", ", depends_on: [a]")), [2, "tasks[0].depends_on[0]", "depends on itself"]],
  ["an unknown judged task", tasks(shell("a", ", judges: b")), [2, "tasks[0].judges", "no task"]],
  ["a judge of itself", tasks(shell("a", ", judges: a")), [2, "tasks[0].judges", "judges itself"]],
  [
    "two judges",
    tasks(shell("a"), shell("b", ", judges: a"), shell("c", ", judges: a")),
    [4, "tasks[2].judges", '"b" and "c"'],
  ],
  [
    "a judge and an automatic one",
    tasks(shell("a", ", judge: {worker: shell, command: x}"), shell("b", ", judges: a")),
    [3, "tasks[1].judges", "two judges"],
  ],
  [
    "two automatic judges",
    withTask("judge: {worker: shell, command: x}", "validate: [judge]"),
    [6, "tasks[0].validate[0].judge", "two judges"],
  ],
  [
    "a judged judge",
    tasks(shell("a"), shell("b", ", judges: a"), shell("c", ", judges: b")),
    [4, "tasks[2].judges", "judges are not judged"],
  ],
  [
    "a judge that is given one",
    tasks(shell("a"), shell("b", ", judges: a, judge: {worker: shell, command: x}")),
    [3, "tasks[1].judge", "cannot be judged"],
  ],
  [
    "a circle",
    tasks(shell("a", ", depends_on: [c]"), shell("b", ", depends_on: [a]"), shell("c", ", depends_on: [b]")),
    [2, "tasks[0].depends_on[0]", "a -> c -> b -> a"],
  ],
  [
    "a circle through a judge",
    tasks(shell("a"), shell("b", ", depends_on: [a]"), shell("j", ", judges: a, depends_on: [b]")),
    [3, "tasks[1].depends_on", "b -> j -> b"],
  ],
  ["no worker", tasks("{id: a, command: x}"), [2, "tasks[0].worker", "Is missing"]],
  ["an unknown worker", tasks("{id: a, worker: cluade, prompt: x}"), [2, "tasks[0].worker", 'did you mean "claude"']],
  [
    "an unknown default worker",
    `defaults: {worker: nobody}\n${tasks("{id: a, prompt: x}", "{id: b, prompt: x}")}`,
    [1, "defaults.worker", "shell, python, claude"],
  ],
  ["a shell without command", tasks("{id: a, worker: shell}"), [2, "tasks[0].command", "Is missing"]],
  ["a shell with a prompt", tasks("{id: a, worker: shell, prompt: x}"), [2, "tasks[0].prompt", "is given a command"]],
  ["a shell with a model", withTask("model: big"), [5, "tasks[0].model", "has no model"]],
  [
    "variables that no worker is told",
    withTask("env: {pass: [GH_TOKEN], set: {git_ssh_command: y}}"),
    [5, "tasks[0].env.pass[0]", "GH_TOKEN is told to no worker"],
    [5, "tasks[0].env.set.git_ssh_command", "is told to no worker"],
  ],
  ["an agent without prompt", tasks("{id: a, worker: claude}"), [2, "tasks[0].prompt", "Is missing"]],
  [
    "an agent with a command",
    tasks("{id: a, worker: claude, command: x}"),
    [2, "tasks[0].command", "is given a prompt"],
  ],
  ["an empty command", tasks("{id: a, worker: shell, command: '  '}"), [2, "tasks[0].command", "Is empty"]],
  ["an empty list of words", tasks("{id: a, worker: shell, command: []}"), [2, "tasks[0].command", "empty list"]],
  [
    "a NUL in a command",
    '{"tasks":[{"id":"a","worker":"shell","command":"a\\u0000b"}]}',
    [1, "tasks[0].command", "NUL"],
  ],
  ["a number where a text is expected", withTask("name: 7"), [5, "tasks[0].name", "in quotes"]],
  ["a duration that is none", withTask("timeout: soon"), [5, "tasks[0].timeout", "10m"]],
  ["a timeout of nothing", withTask("timeout: 0"), [5, "tasks[0].timeout", "from 1ms"]],
  ["too many retries", withTask("retry: 1000"), [5, "tasks[0].retry", "from 0 to 100"]],
  ["half a retry", withTask("retry: {count: 1.5}"), [5, "tasks[0].retry.count", "whole number"]],
  [
    "an unknown policy",
    withTask("on_fail: skip_dependants"),
    [5, "tasks[0].on_fail", 'did you mean "skip_dependents"'],
  ],
  [
    "a variable of ours",
    withTask("env: {pass: [ACP_TASK_ID], set: {ACP_X: y}}"),
    [5, "tasks[0].env.pass[0]", "ACP_"],
    [5, "tasks[0].env.set.ACP_X", "ACP_"],
  ],
  [
    "a variable's bad name",
    withTask("env: {pass: [A-B], set: {C-D: y}}"),
    [5, "tasks[0].env.pass[0]", "NODE_ENV"],
    [5, "tasks[0].env.set.C-D", "variable's name"],
  ],
  ["a variable without quotes", withTask("env: {set: {PORT: 80}}"), [5, "tasks[0].env.set.PORT", "in quotes"]],
  ["a home folder", withTask("cwd: ~/web"), [5, "tasks[0].cwd", "in full"]],
  ["a worktree and a folder", withTask("cwd: x", "worktree: {}"), [5, "tasks[0].cwd", "not in both"]],
  [
    "an output elsewhere",
    withTask("outputs: {a: ../x, b: /x}"),
    [5, "tasks[0].outputs.a", "inside"],
    [5, "tasks[0].outputs.b", "inside"],
  ],
  ["a check that is nothing", withTask("validate: [{}]"), [5, "tasks[0].validate[0]", "found none"]],
  [
    "a check that is two",
    withTask("validate: [{file: a, command: b}]"),
    [5, "tasks[0].validate[0]", "command and file"],
  ],
  [
    "a pattern that is none",
    withTask("validate: [{regex: {pattern: '('}}]"),
    [5, "tasks[0].validate[0].regex.pattern", "regular expression"],
  ],
  [
    "flags that keep a place",
    withTask("validate: [{regex: {pattern: a, flags: g}}]"),
    [5, "tasks[0].validate[0].regex.flags", "d, i, m, s and u"],
  ],
  [
    "a schema that is missing",
    withTask("validate: [{json_schema: {file: a}}]"),
    [5, "tasks[0].validate[0].json_schema.schema", "Is missing"],
  ],
  [
    "a schema that is none",
    withTask("validate: [{json_schema: {file: a, schema: [1]}}]"),
    [5, "tasks[0].validate[0].json_schema.schema", "no JSON schema"],
  ],
  ["an ask that nothing asks", withTask("ask: {expires: 1h, answer: skip}"), [5, "tasks[0].ask", "on_fail: ask"]],
  ["half an ask", withTask("on_fail: ask", "ask: {answer: skip}"), [6, "tasks[0].ask.expires", "name both"]],
  ["rounds of no judge", withTask("rounds: 3"), [5, "tasks[0].rounds", "judge"]],
  ["a parallelism of nothing", `parallelism: 0\n${withTask()}`, [1, "parallelism", "from 1 to 1000"]],
  ["a deadline in the past", `deadline: 2020-01-01T00:00:00Z\n${withTask()}`, [1, "deadline", "ago"]],
  ["a deadline without zone", `deadline: 2020-01-01T00:00\n${withTask()}`, [1, "deadline", "zone"]],
  [
    "a budget of nothing",
    `budget: {usd: 0, tokens: .inf}\n${withTask()}`,
    [1, "budget.usd", "0.01"],
    [1, "budget.tokens", "whole number"],
  ],
  [
    "a callback that is two",
    `on_done: {command: x, webhook: 'http://x.example'}\n${withTask()}`,
    [1, "on_done", "found both"],
  ],
  [
    "an address that is none",
    `on_done: {webhook: 'ftp://user:secret@x'}\n${withTask()}`,
    [1, "on_done.webhook", "https://"],
  ],
  ["YAML that is none", "tasks: [\n", [2, "", "Not valid YAML"]],
  ["a key twice", `name: a\nname: b\n${withTask()}`, [2, "", "twice"]],
  [
    "several at once",
    `parallelism: x\n${tasks("{id: a, worker: shell}", "{id: b, wroker: shell, command: x}")}`,
    [1, "parallelism", "whole number"],
    [3, "tasks[0].command", "missing"],
    [4, "tasks[1].worker", "missing"],
    [4, "tasks[1].wroker", "worker"],
  ],
];

describe("problems", () => {
  it.each(wrong)("of %s are told with line, path and fix", async (_, text, ...expected) => {
    const found = await problemsOf(text, { file: text.startsWith("{") ? "p.json" : "p.yaml", now: 1_700_000_000_000 });
    expect(found.map(({ line, path }) => [line, path])).toEqual(expected.map(([line, path]) => [line, path]));
    for (const [index, [, , says]] of expected.entries()) {
      expect(`${found[index]?.message} ${found[index]?.fix}`).toContain(says);
      expect(found[index]?.fix).not.toBe("");
    }
  });

  it("are bounded, and the rest is counted", async () => {
    const found = await problemsOf(tasks(...Array.from({ length: 1200 }, (_, i) => shell(`t${i}`, ", x: 1"))));
    expect(found).toHaveLength(1001);
    expect(found.at(-1)?.message).toBe("And 200 problems more.");
  });

  it("of texts and plans that are too big are told", async () => {
    const many = JSON.stringify({
      tasks: Array.from({ length: 20_001 }, (_, i) => ({ id: `t${i}`, worker: "shell", command: "x" })),
    });
    expect(await problemsOf(many, { file: "p.json" })).toMatchObject([
      { path: "tasks", message: expect.stringContaining("20000") },
    ]);
    const long = JSON.stringify({ tasks: [{ id: "a", worker: "shell", command: "ü".repeat(600_000) }] });
    expect(await problemsOf(long, { file: "p.json" })).toMatchObject([
      { path: "tasks[0].command", message: expect.stringContaining("1200000 bytes") },
    ]);
    expect(await problemsOf(`a: ${"[".repeat(20_000)}`)).toMatchObject([{ line: 1, path: "" }]);
  });

  it("never show an address, which may hold a password", async () => {
    const found = await problemsOf(`on_done: {webhook: 'ftp://user:secret@x'}\n${withTask()}`);
    expect(JSON.stringify(found)).not.toContain("secret");
  });
});

it("a chain of 20,000 tasks is read, whatever the stack", async () => {
  const each = Array.from({ length: 20_000 }, (_, i) => ({
    id: `t${i}`,
    worker: "shell",
    command: "x",
    depends_on: i === 0 ? [] : [`t${i - 1}`],
  }));
  expect((await planOf(JSON.stringify({ tasks: each.reverse() }), { file: "p.json" })).tasks).toHaveLength(20_000);
});
