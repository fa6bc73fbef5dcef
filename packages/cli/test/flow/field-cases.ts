// Every key of a plan that does not need an agent.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import {
  attempts,
  beginsAnother,
  ended,
  type FieldCase,
  file,
  order,
  pauses,
  plan,
  printed,
  reason,
  settled,
  task,
} from "./field-case.ts";
import type { FlowRun, Plan } from "./flow-bench.ts";

const chain = [task("a"), task("b", { depends_on: ["a"] })];
const failing = { command: "exit 1" };
/** Whatever it is asked for, there is one place. */
const inGroup = (id: string, more: Plan = {}) => task(id, { command: "sleep 1000", ...more });
/** Waits for ever, unless it is let go on. */
const patient = 'until [ -e "$ACP_ATTEMPT_DIR/go-on" ]; do sleep 0.02; done';
/** Lets it go on where it has all the time of the usual limit; with less it has to be ended. */
const reasonInTime = async (run: FlowRun) => {
  const { spec, attemptFolder } = await run.until("a task that runs", async () => {
    const found = await run.task("t");
    return found.attemptFolder !== null && existsSync(found.attemptFolder) ? found : null;
  });
  const [limit] = spec.validate.flatMap((each) => (each.kind === "command" ? [each.timeoutMs] : []));
  if ((limit ?? spec.timeoutMs) > 1_000) writeFileSync(join(attemptFolder ?? "", "go-on"), "");
  return reason(run);
};
const layer = (name: string) => file(join("context", name));
const has = (see: (run: FlowRun) => Promise<unknown>, text: string) => async (run: FlowRun) =>
  String(await see(run)).includes(text);

const ofPlan: readonly FieldCase[] = [
  {
    key: "name",
    plan: plan([task("t")], { name: "alpha" }),
    otherwise: plan([task("t")], { name: "beta" }),
    see: has(layer("L0-goal.md"), "alpha"),
    ...{ is: true, isOtherwise: false, shown: ["flow.name", "alpha"] },
  },
  {
    key: "goal",
    plan: plan([task("t")], { goal: "A better world." }),
    otherwise: plan([task("t")]),
    see: has(layer("L0-goal.md"), "A better world."),
    ...{ is: true, isOtherwise: false, shown: ["flow.plan.goal", "A better world."] },
  },
  {
    key: "parallelism",
    plan: plan([inGroup("a"), inGroup("b")], { parallelism: 1 }),
    otherwise: plan([inGroup("a"), inGroup("b")], { parallelism: 2 }),
    see: beginsAnother,
    ...{ is: false, isOtherwise: true, shown: ["flow.plan.parallelism", 1] },
  },
  {
    key: "deadline",
    of: "as a duration",
    plan: plan(chain, { deadline: "1ms" }),
    otherwise: plan(chain),
    see: ended,
    ...{ is: ["failed", "deadline"], isOtherwise: ["succeeded", null], shown: ["flow.plan.deadlineMs", 1] },
  },
  {
    key: "deadline",
    of: "as a time of day",
    plan: plan(chain, { deadline: "2030-01-01T00:00:00Z" }),
    otherwise: plan(chain, { deadline: "2030-01-01T01:00:00Z" }),
    now: Date.parse("2030-01-01T00:00:00Z") - 1,
    see: ended,
    ...{ is: ["failed", "deadline"], isOtherwise: ["succeeded", null], shown: ["flow.plan.deadlineMs", 1] },
  },
  {
    key: "budget.attempts",
    plan: plan(chain, { budget: { attempts: 1 } }),
    otherwise: plan(chain, { budget: { attempts: 2 } }),
    see: ended,
    ...{ is: ["failed", "budget"], isOtherwise: ["succeeded", null], shown: ["flow.plan.budget.attempts", 1] },
  },
  {
    key: "cwd",
    plan: plan([task("t", { command: "basename $PWD" })], { cwd: "sub" }),
    otherwise: plan([task("t", { command: "basename $PWD" })], { cwd: "." }),
    see: async (run) => ((await printed()(run)) === "sub" ? "sub" : "the flow's"),
    ...{ is: "sub", isOtherwise: "the flow's", shown: ["flow.plan.cwd", /\/sub$/] },
  },
  {
    key: "concurrency",
    plan: plan([inGroup("a", { group: "two" }), inGroup("b", { group: "two" })], { concurrency: { two: 2 } }),
    otherwise: plan([inGroup("a", { group: "one" }), inGroup("b", { group: "one" })]),
    see: beginsAnother,
    ...{ is: true, isOtherwise: false, shown: ["flow.plan.concurrency.two", 2] },
  },
];

/** Who is told when a flow is over; what is told to a command comes into a file in `folder`. */
export async function callbackCases(folder: string): Promise<{ readonly cases: readonly FieldCase[]; close(): void }> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => heard.push(chunk.toString()));
    request.on("end", () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as { readonly port: number }).port}/done`;
  const inFile = (name: string) => async (run: FlowRun) => {
    await run.told();
    const path = join(folder, name);
    const told = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
    return told?.flow === run.id ? told.state : null;
  };
  const list = ["sh", "-c", `cat > ${folder}/list.json`];
  const cases: readonly FieldCase[] = [
    {
      key: "on_done.command",
      of: "as a line",
      plan: plan([task("t")], { on_done: { command: `cat > ${folder}/line.json` } }),
      otherwise: plan([task("t")]),
      see: inFile("line.json"),
      ...{ is: "succeeded", isOtherwise: null, shown: ["flow.plan.onDone.command.0", "sh"] },
    },
    {
      key: "on_done.command",
      of: "as a list",
      plan: plan([task("t", failing)], { on_done: { command: list } }),
      otherwise: plan([task("t", failing)]),
      see: inFile("list.json"),
      ...{ is: "failed", isOtherwise: null, shown: ["flow.plan.onDone.command.2", list[2]] },
    },
    {
      key: "on_done.webhook",
      plan: plan([task("t")], { on_done: { webhook: url } }),
      otherwise: plan([task("t")]),
      see: async (run) => {
        await run.told();
        return heard.map((text) => JSON.parse(text)).some(({ flow }) => flow === run.id);
      },
      ...{ is: true, isOtherwise: false, shown: ["flow.plan.onDone.url", url] },
    },
  ];
  return { cases, close: () => void server.close() };
}

/** What a task may say, and its plan's defaults for it: the same is seen either way. */
const withDefault: readonly {
  readonly key: string;
  readonly of?: string;
  readonly given: Plan;
  readonly other?: Plan;
  /** Beside the key, of the task; it is `t` unless there are others. */
  readonly task?: Plan;
  readonly more?: readonly Plan[];
  readonly plan?: Plan;
  readonly see: FieldCase["see"];
  readonly is: unknown;
  readonly isOtherwise: unknown;
  readonly shown: readonly [string, unknown];
}[] = [
  {
    key: "worker",
    given: { worker: "python" },
    other: { worker: "shell" },
    task: { command: 'import sys; print("a snake")' },
    ...{ see: reason, is: ["succeeded", null], isOtherwise: ["failed", "exit-code"], shown: ["worker", "python"] },
  },
  {
    key: "timeout",
    given: { timeout: "50ms" },
    task: { command: patient },
    ...{ see: reasonInTime, is: ["failed", "timed-out"], isOtherwise: ["succeeded", null], shown: ["timeoutMs", 50] },
  },
  {
    key: "retry.count",
    given: { retry: { count: 1, backoff: 0 } },
    other: { retry: { backoff: 0 } },
    task: failing,
    ...{ see: attempts, is: 2, isOtherwise: 1, shown: ["retry.count", 1] },
  },
  {
    key: "retry.backoff",
    given: { retry: { count: 1, backoff: "40ms" } },
    other: { retry: { count: 1, backoff: "20ms" } },
    task: failing,
    ...{ see: pauses, is: [40], isOtherwise: [20], shown: ["retry.backoffMs", 40] },
  },
  {
    key: "retry.factor",
    given: { retry: { count: 2, backoff: "20ms", factor: 3 } },
    other: { retry: { count: 2, backoff: "20ms" } },
    task: failing,
    ...{ see: pauses, is: [20, 60], isOtherwise: [20, 40], shown: ["retry.factor", 3] },
  },
  {
    key: "retry.max",
    given: { retry: { count: 2, backoff: "20ms", max: "30ms" } },
    other: { retry: { count: 2, backoff: "20ms" } },
    task: failing,
    ...{ see: pauses, is: [20, 30], isOtherwise: [20, 40], shown: ["retry.maxMs", 30] },
  },
  ...(["fail", "continue", "ask", "skip_dependents"] as const).map((policy) => ({
    key: "on_fail",
    of: policy,
    given: { on_fail: policy },
    other: { on_fail: policy === "skip_dependents" ? "continue" : "skip_dependents" },
    task: failing,
    more: [task("needs", { depends_on: ["t"] }), task("beside")],
    plan: { parallelism: 1 },
    see: settled,
    is: {
      fail: "t:failed needs:skipped beside:cancelled",
      continue: "t:failed needs:succeeded beside:succeeded",
      ask: "t:asking needs:waiting beside:succeeded",
      skip_dependents: "t:failed needs:skipped beside:succeeded",
    }[policy],
    isOtherwise:
      policy === "skip_dependents"
        ? "t:failed needs:succeeded beside:succeeded"
        : "t:failed needs:skipped beside:succeeded",
    shown: ["onFail", policy] as const,
  })),
  {
    key: "env.pass",
    given: { env: { pass: ["FIELD_PASSED"] } },
    task: { command: 'echo "got $FIELD_PASSED"' },
    ...{ see: printed(), is: "got from the runtime", isOtherwise: "got", shown: ["env.pass.0", "FIELD_PASSED"] },
  },
  {
    key: "env.set",
    given: { env: { set: { FIELD_SET: "by the plan" } } },
    task: { command: 'echo "got $FIELD_SET"' },
    ...{ see: printed(), is: "got by the plan", isOtherwise: "got", shown: ["env.set.FIELD_SET", "by the plan"] },
  },
  {
    key: "cwd",
    given: { cwd: "sub" },
    other: { cwd: "@attempt" },
    task: { command: "basename $PWD" },
    ...{ see: printed(), is: "sub", isOtherwise: "work", shown: ["cwd", /\/sub$/] },
  },
  {
    key: "group",
    given: { group: "narrow" },
    task: { command: "sleep 1000" },
    more: [inGroup("other", { group: "narrow" })],
    ...{ see: beginsAnother, is: false, isOtherwise: true, shown: ["group", /^narrow/] },
  },
  {
    key: "priority",
    given: { priority: 1 },
    other: { priority: -1 },
    more: [task("other", { priority: 0 })],
    plan: { parallelism: 1 },
    ...{ see: order, is: ["t", "other"], isOtherwise: ["other", "t"], shown: ["priority", 1] },
  },
];

/** The others say themselves what the defaults would say for them. */
const onItsOwn = (other: Plan): Plan => ({ on_fail: "skip_dependents", ...other });

const ofBoth: readonly FieldCase[] = withDefault.flatMap(({ key, given, other = {}, more = [], shown, ...each }) => {
  const own = key === "worker" ? { id: "t", ...each.task } : task("t", each.task);
  const seen = { of: each.of, see: each.see, is: each.is, isOtherwise: each.isOtherwise };
  const told = [`tasks.t.spec.${shown[0]}`, shown[1]] as const;
  // A group is shared by all flows, those of other cases included.
  const apart = (each: Plan): Plan => JSON.parse(JSON.stringify(each).replaceAll("narrow", "narrow-by-default"));
  return [
    {
      ...{ ...seen, key: `tasks[].${key}`, shown: told },
      plan: plan([{ ...own, ...given }, ...more], each.plan),
      otherwise: plan([{ ...own, ...other }, ...more], each.plan),
    },
    {
      ...{ ...seen, key: `defaults.${key}`, shown: told },
      plan: apart(plan([own, ...more.map(onItsOwn)], { ...each.plan, defaults: given })),
      otherwise: apart(plan([own, ...more.map(onItsOwn)], { ...each.plan, defaults: other })),
    },
  ] as readonly FieldCase[];
});

const says = (verdict: string) => `printf '{"verdict":"${verdict}","feedback":"because"}' > "$ACP_RESULT_FILE"`;

/** A judge may be given by the plan, by the task, or among its checks. */
const judged: readonly FieldCase[] = [
  {
    key: "command",
    given: { worker: "shell", command: says("fail") },
    other: { worker: "shell", command: says("pass") },
    ...{ see: reason, is: ["failed", "judge-failed"], isOtherwise: ["succeeded", null] },
    shown: ["command", says("fail")] as const,
  },
  {
    key: "worker",
    given: {
      worker: "python",
      command: 'import os; open(os.environ["ACP_RESULT_FILE"], "w").write(\'{"verdict":"pass"}\')',
    },
    other: {
      worker: "shell",
      command: 'import os; open(os.environ["ACP_RESULT_FILE"], "w").write(\'{"verdict":"pass"}\')',
    },
    ...{ see: reason, is: ["succeeded", null], isOtherwise: ["failed", "not-judged"] },
    shown: ["worker", "python"] as const,
  },
  {
    key: "rounds",
    given: { worker: "shell", command: says("retry"), rounds: 0 },
    other: { worker: "shell", command: says("retry"), rounds: 1 },
    ...{ see: attempts, is: 1, isOtherwise: 2, shown: ["rounds", 0] as const },
  },
].flatMap(({ key, given, other, shown, ...seen }) => {
  const told = [`tasks.t.judge.spec.${shown[0]}`, shown[1]] as const;
  const sites = {
    judge: (judge: Plan) => plan([task("t")], { judge }),
    "tasks[].judge": (judge: Plan) => plan([task("t", { judge })]),
    "tasks[].validate[].judge": (judge: Plan) => plan([task("t", { validate: [{ judge }] })]),
  };
  return Object.entries(sites).map(([site, made]) => ({
    ...{ ...seen, key: `${site}.${key}`, shown: told, plan: made(given), otherwise: made(other) },
  }));
});

const validating = (validate: Plan, command = "true") =>
  plan([task("t", { command, cwd: "@attempt", validate: [validate] })]);
const holds = ["succeeded", null];
const doesNot = ["failed", "not-valid"];
const check = (key: string, given: Plan, other: Plan, command: string, shown: FieldCase["shown"]): FieldCase => ({
  ...{ key: `tasks[].validate[].${key}`, plan: validating(given, command), otherwise: validating(other, command) },
  ...{ see: reason, is: doesNot, isOtherwise: holds, shown: [`tasks.t.spec.validate.0.${shown[0]}`, shown[1]] },
});

const checks: readonly FieldCase[] = [
  check("command", { command: "test -e made" }, { command: "true" }, "true", ["command", "test -e made"]),
  check("command", { command: ["test", "-e", "$PWD"] }, { command: 'test -e "$PWD"' }, "true", ["command.2", "$PWD"]),
  {
    ...check("timeout", { command: patient, timeout: "50ms" }, { command: patient }, "true", ["timeoutMs", 50]),
    see: reasonInTime,
  },
  check("file", { file: "b" }, { file: "a" }, "touch a", ["path", "b"]),
  check(
    "json_schema.file",
    { json_schema: { file: "b.json", schema: { type: "object" } } },
    { json_schema: { file: "a.json", schema: { type: "object" } } },
    "echo {} > a.json; echo 7 > b.json",
    ["path", "b.json"],
  ),
  check(
    "json_schema.schema",
    { json_schema: { file: "a.json", schema: { type: "object", required: ["b"] } } },
    { json_schema: { file: "a.json", schema: { type: "object", required: ["a"] } } },
    "echo '{\"a\":1}' > a.json",
    ["schema.required.0", "b"],
  ),
  check("regex.pattern", { regex: { pattern: "^b" } }, { regex: { pattern: "^a" } }, "echo abc", ["pattern", "^b"]),
  check("regex.flags", { regex: { pattern: "^B" } }, { regex: { pattern: "^B", flags: "im" } }, "echo a; echo b", [
    "flags",
    "",
  ]),
  check("regex.in", { regex: { pattern: "here", in: "stderr" } }, { regex: { pattern: "here" } }, "echo here", [
    "in",
    "stderr",
  ]),
  check(
    "regex.in",
    { regex: { pattern: "here", in: "b" } },
    { regex: { pattern: "here", in: "a" } },
    "echo here > a; touch b",
    ["in", "b"],
  ),
].map((each, index) => ({ ...each, of: `case ${index + 1}` }));

const asking = (answer: string, expires: string) => [
  task("t", { ...failing, on_fail: "ask", ask: { expires, answer } }),
  task("needs", { depends_on: ["t"] }),
];
const expired = async (run: FlowRun) => {
  await run.until("a question that is over", async () => {
    await run.store.flows.expire();
    return (await run.flow()).finishedAt;
  });
  return run.states();
};

const ofTask: readonly FieldCase[] = [
  {
    key: "tasks[].id",
    plan: plan([task("t", { command: 'echo "$ACP_TASK_ID"; basename "$(dirname "$ACP_ATTEMPT_DIR")"' })]),
    otherwise: plan([task("u", { command: 'echo "$ACP_TASK_ID"; basename "$(dirname "$ACP_ATTEMPT_DIR")"' })]),
    see: async (run) => {
      const [first] = await run.store.flows.tasks(run.id);
      return printed(first?.id)(run);
    },
    ...{ is: "t\nt", isOtherwise: "u\nu", shown: ["tasks.t.id", "t"] },
  },
  {
    key: "tasks[].name",
    plan: plan([task("t", { name: "The first" })]),
    otherwise: plan([task("t")]),
    see: has(layer("L2-task.md"), "The first"),
    ...{ is: true, isOtherwise: false, shown: ["tasks.t.spec.name", "The first"] },
  },
  {
    key: "tasks[].retry",
    of: "as a number",
    plan: plan([task("t", { ...failing, retry: 1 })], { defaults: { retry: { backoff: 0 } } }),
    otherwise: plan([task("t", failing)], { defaults: { retry: { backoff: 0 } } }),
    ...{ see: attempts, is: 2, isOtherwise: 1, shown: ["tasks.t.spec.retry.count", 1] },
  },
  {
    key: "tasks[].command",
    plan: plan([task("t", { command: ["echo", "$((1+1))"] })]),
    otherwise: plan([task("t", { command: "echo $((1+1))" })]),
    ...{ see: printed(), is: "$((1+1))", isOtherwise: "2", shown: ["tasks.t.spec.command.1", "$((1+1))"] },
  },
  {
    key: "tasks[].command",
    of: "of python",
    plan: plan([{ id: "t", worker: "python", command: "print(1 + 1)" }]),
    otherwise: plan([{ id: "t", worker: "python", command: ["-c", "print(2 + 2)"] }]),
    ...{ see: printed(), is: "2", isOtherwise: "4", shown: ["tasks.t.spec.command", "print(1 + 1)"] },
  },
  {
    key: "tasks[].depends_on",
    plan: plan([task("t", { depends_on: ["other"] }), task("other")], { parallelism: 1 }),
    otherwise: plan([task("t"), task("other")], { parallelism: 1 }),
    ...{ see: order, is: ["other", "t"], isOtherwise: ["t", "other"], shown: ["tasks.t.spec.dependsOn.0", "other"] },
  },
  {
    key: "tasks[].judge",
    of: "false",
    plan: plan([task("t", { judge: false })], { judge: { worker: "shell", command: says("fail") } }),
    otherwise: plan([task("t")], { judge: { worker: "shell", command: says("fail") } }),
    see: async (run) => {
      await run.end();
      return run.states();
    },
    ...{ is: "t:succeeded", isOtherwise: "t:failed t.judge:succeeded", shown: ["tasks.t.judge", undefined] },
  },
  {
    key: "tasks[].judges",
    plan: plan([task("t"), task("j", { judges: "t", command: says("fail") })]),
    otherwise: plan([task("t"), task("j", { depends_on: ["t"], command: says("fail") })]),
    ...{ see: reason, is: ["failed", "judge-failed"], isOtherwise: ["succeeded", null] },
    shown: ["tasks.j.spec.judges", "t"],
  },
  {
    key: "tasks[].rounds",
    plan: plan([task("t"), task("j", { judges: "t", command: says("retry"), rounds: 1 })]),
    otherwise: plan([task("t"), task("j", { judges: "t", command: says("retry"), rounds: 0 })]),
    ...{ see: attempts, is: 2, isOtherwise: 1, shown: ["tasks.j.spec.rounds", 1] },
  },
  {
    key: "tasks[].ask.expires",
    plan: plan(asking("continue", "2h")),
    otherwise: plan(asking("continue", "1h")),
    see: async (run) => {
      const { expiresAt, askedAt } = await run.decision();
      await run.cancel();
      return (expiresAt ?? 0) - askedAt;
    },
    ...{ is: 7_200_000, isOtherwise: 3_600_000, shown: ["tasks.t.spec.ask.expiresMs", 7_200_000] },
  },
  {
    key: "tasks[].ask.answer",
    plan: plan(asking("continue", "1ms")),
    otherwise: plan(asking("skip", "1ms")),
    ...{ see: expired, is: "t:failed needs:succeeded", isOtherwise: "t:failed needs:skipped" },
    shown: ["tasks.t.spec.ask.answer", "continue"],
  },
  {
    key: "tasks[].inputs",
    plan: plan([task("t", { command: 'cat "$ACP_INPUTS_FILE"', inputs: { depth: [1, { a: null }] } })]),
    otherwise: plan([task("t", { command: 'cat "$ACP_INPUTS_FILE"' })]),
    ...{ see: printed(), is: '{"depth":[1,{"a":null}]}', isOtherwise: "{}", shown: ["tasks.t.spec.inputs.depth.0", 1] },
  },
  {
    key: "tasks[].outputs",
    of: "kept",
    plan: plan([task("t", { command: "echo kept > a", outputs: { out: "a" } })]),
    otherwise: plan([task("t", { command: "echo kept > a" })]),
    ...{ see: file("outputs/out"), is: "kept\n", isOtherwise: null, shown: ["tasks.t.spec.outputs.out", "a"] },
  },
  {
    key: "tasks[].outputs",
    of: "that are not left",
    plan: plan([task("t", { outputs: { out: "a" } })]),
    otherwise: plan([task("t")]),
    ...{ see: reason, is: ["failed", "output-missing"], isOtherwise: ["succeeded", null] },
    shown: ["tasks.t.spec.outputs.out", "a"],
  },
];

export const fieldCases: readonly FieldCase[] = [...ofPlan, ...ofBoth, ...judged, ...checks, ...ofTask];
