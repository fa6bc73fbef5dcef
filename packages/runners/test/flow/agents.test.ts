// Agents as workers of flows: real sessions under the real wrapper, of a small program that speaks as claude does.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { whyItWaits } from "@agent-control-plane/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findMarked, readWrapperMark } from "../../src/session/index.ts";
import { bundleWrapper } from "../fixtures/bundle-wrapper.ts";
import { flowBench, usualExecution } from "../fixtures/flow-bench.ts";
import { waitFor } from "../fixtures/session-bench.ts";

let root = "";
let wrapper = "";
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "acp-flow-agents-"));
  wrapper = join(root, "wrapper.mjs");
  await bundleWrapper("store-wrapper-entry.ts", wrapper);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const isOver = ({ finishedAt }: { readonly finishedAt: number | null }) => finishedAt !== null;

describe("an agent's task", () => {
  it("is told of its flow, works where the plan says, and leaves result and outputs as every task does", async () => {
    const flow = await flowBench({
      wrapper,
      plan: `
goal: Ship it.
tasks:
  - { id: before, worker: shell, command: "echo hi > x", cwd: "@attempt", outputs: { x: x } }
  - id: write
    worker: claude
    cwd: "@attempt"
    depends_on: [before]
    inputs: { depth: 3 }
    prompt: |
      echo made > out.txt; env > environment.txt; pwd; printf '{"summary":"written","n":1}' > "$ACP_RESULT_FILE"
    outputs: { out: out.txt, env: environment.txt }
    validate: [{ regex: { pattern: "work$", flags: m, in: stdout } }]
  - { id: after, worker: shell, command: 'cat "$ACP_CONTEXT_DIR/L2-task.md"', depends_on: [write] }
`,
      env: { GH_TOKEN: "ghp_secretOfTheForge0000", OTHER: "x ghp_secretOfTheForge0000" },
    });
    flow.start("r1");
    expect(await flow.until("after", isOver)).toMatchObject({ state: "succeeded" });
    const write = await flow.task("write");
    expect(write).toMatchObject({ state: "succeeded", attempts: 1, result: { summary: "written", n: 1 } });
    expect(await flow.attemptFile("write", "outputs/out")).toBe("made\n");
    const prompt = (await flow.attemptFile("write", "prompt.md")) ?? "";
    for (const words of ["Ship it.", "- depth: 3", "Input: before"]) expect(prompt).toContain(words);
    expect(await flow.attemptFile("after", "stdout.log")).toContain('"summary": "written"');
    const env = (await flow.attemptFile("write", "outputs/env")) ?? "";
    expect(env).toContain("ACP_TASK_ID=write\n");
    expect(env).toContain("ANTHROPIC_API_KEY=");
    expect(env).not.toContain("ghp_secret");
    // Nothing of ours stays where it worked, and no key in what is kept.
    expect(readdirSync(join(write.attemptFolder ?? "", "work")).sort()).toEqual(["environment.txt", "out.txt"]);
    expect(await flow.attemptFile("write", "spec.json")).not.toContain("key-of-the-model");
    expect(await flow.store.flows.spend("f1")).toMatchObject({ usd: 0.01, attempts: 3 });
  });

  it("that fails is tried again as often as the plan says, and is ended by its time limit", async () => {
    const flow = await flowBench({
      wrapper,
      plan: `
tasks:
  - { id: bad, worker: claude, cwd: "@attempt", prompt: "exit 3", retry: { count: 1, backoff: 0 } }
  - { id: slow, worker: claude, cwd: "@attempt", prompt: "sleep 600", timeout: 2 }
`,
    });
    flow.start("r1");
    expect(await flow.until("bad", isOver)).toMatchObject({ state: "failed", attempts: 2 });
    expect(await flow.until("slow", isOver)).toMatchObject({ state: "failed", reason: "timed-out", attempts: 1 });
  });

  it("judges another's work from its folder, by its file or by its last words, in bounded rounds", async () => {
    const verdict = String.raw`if grep -q please "$ACP_JUDGED_DIR/stdout.log"; then echo '{"verdict":"pass"}'; else printf 'So:\n{"verdict":"retry","feedback":"say please"}\n'; fi`;
    const flow = await flowBench({
      wrapper,
      plan: `
tasks:
  - id: draft
    worker: claude
    cwd: "@attempt"
    prompt: 'if grep -q "say please" "$ACP_CONTEXT_DIR/L2-task.md"; then echo please; else echo now; fi'
    judge: { worker: claude, rounds: 2, prompt: ${JSON.stringify(verdict)} }
`,
    });
    flow.start("r1");
    const draft = await flow.until("draft", isOver);
    expect(draft).toMatchObject({ state: "succeeded", round: 1, attempts: 2, result: { summary: "please\n" } });
    const prompt = (await flow.attemptFile("draft.judge", "prompt.md")) ?? "";
    expect(prompt).toContain(`is in ${draft.attemptFolder}`);
  });

  it("goes on when its runtime is gone, and is concluded once by the next", async () => {
    const gate = join(root, "gate");
    const flow = await flowBench({
      wrapper,
      plan: `
tasks:
  - { id: long, worker: claude, cwd: "@attempt", prompt: 'echo once >> ${gate}.ledger; while [ ! -e ${gate} ]; do sleep 0.1; done; echo done' }
`,
    });
    const first = flow.start("r1");
    await waitFor("the agent works", () => existsSync(`${gate}.ledger`));
    await first.stop("keep");
    flow.start("r2");
    const { attemptFolder } = await flow.task("long");
    const mark = readWrapperMark(attemptFolder ?? "");
    writeFileSync(gate, "");
    expect(await flow.until("long", isOver)).toMatchObject({ state: "succeeded", attempts: 1, lost: 0 });
    expect(readFileSync(`${gate}.ledger`, "utf8")).toBe("once\n");
    expect(mark).not.toBeNull();
  });

  it("whose wrapper is killed is lost, which is no failure, and is begun anew", async () => {
    const flow = await flowBench({
      wrapper,
      plan: `
tasks:
  - { id: hit, worker: claude, cwd: "@attempt", prompt: '[ "$ACP_ATTEMPT" = 1 ] && sleep 600; echo fine' }
`,
    });
    flow.start("r1");
    const begun = await flow.until("hit", ({ attemptFolder }) => readWrapperMark(attemptFolder ?? "/none") !== null);
    const mark = readWrapperMark(begun.attemptFolder ?? "");
    if (mark) process.kill(mark.pid, "SIGKILL");
    expect(await flow.until("hit", isOver)).toMatchObject({ state: "succeeded", attempts: 2, lost: 1 });
  });

  it("that its runtime ends is begun anew by the next, without a failure; its checks are run once", async () => {
    const [started, checked] = [join(root, "started-1"), join(root, "checked")];
    const flow = await flowBench({
      wrapper,
      plan: `
tasks:
  - id: again
    worker: claude
    cwd: "@attempt"
    prompt: 'if [ -e ${started} ]; then echo fine; else touch ${started}; sleep 600; fi'
    validate: [{ command: "echo checked >> ${checked}" }]
`,
    });
    const first = flow.start("r1");
    await waitFor("it works", () => existsSync(started));
    await first.stop("end");
    expect(await flow.task("again")).toMatchObject({ state: "queued", reason: "interrupted", attempts: 1, lost: 0 });
    flow.start("r2");
    expect(await flow.until("again", isOver)).toMatchObject({ state: "succeeded", attempts: 2, lost: 0 });
    expect(readFileSync(checked, "utf8")).toBe("checked\n");
  });

  it("that a runtime was about to begin when it died is begun by the next", async () => {
    const flow = await flowBench({
      wrapper,
      plan: `tasks: [{ id: one, worker: claude, cwd: "@attempt", prompt: echo hi }]`,
    });
    const session = { id: `f${process.pid}-never` };
    const begun = await flow.store.flows.begin({ flowId: "f1", owner: "gone", leaseMs: 600_000, session });
    expect(begun).not.toBeNull();
    flow.start("r1");
    expect(await flow.until("one", isOver)).toMatchObject({ state: "succeeded", attempts: 2, lost: 0 });
  });

  it("that is cancelled is stopped", async () => {
    const started = join(root, "started");
    const flow = await flowBench({
      wrapper,
      plan: `tasks: [{ id: long, worker: claude, cwd: "@attempt", prompt: "touch ${started}; sleep 600" }]`,
    });
    flow.start("r1");
    await waitFor("it works", () => existsSync(started));
    const [session] = await flow.store.sessions.list({ profileId: "flow:f1" });
    await flow.store.flows.cancelTask("f1", "long", "test");
    expect(await flow.until("long", isOver)).toMatchObject({ state: "cancelled" });
    expect(findMarked(session?.id ?? "", [])).toEqual([]);
  });
});

describe("what an agent needs", () => {
  it.each([
    ["a program", usualExecution.replace("flow-agent.mjs", "nowhere.mjs"), "program-missing", /which is not here/],
    ["a key", usualExecution.replace("ANTHROPIC_API_KEY", "NOTHING"), "login-missing", /has no key and no login/],
  ])("%s: without it the task waits with that reason, and no attempt is made", async (_, execution, reason, words) => {
    const flow = await flowBench({
      ...{ wrapper, execution },
      plan: `
tasks:
  - { id: agent, worker: claude, prompt: "true" }
  - { id: beside, worker: shell, command: "true" }
`,
    });
    flow.start("r1");
    const agent = await flow.until("agent", (task) => task.reason !== null);
    expect(agent).toMatchObject({ state: "queued", reason, attempts: 0, summary: expect.stringMatching(words) });
    expect(await flow.until("beside", isOver)).toMatchObject({ state: "succeeded" });
    expect(whyItWaits(agent, await flow.factsOf())).toMatchObject({ code: "worker-waits", text: agent.summary });
    // Said once, however often it is looked at.
    const told = (await flow.store.flows.messages("f1", 0, 100)).filter(({ taskId }) => taskId === "agent");
    expect(told).toMatchObject([{ type: "PROGRESS", body: { state: "queued", reason } }]);
  });

  it("a provider that does not refuse: at a limit the account pauses, no retry is used, and others go on", async () => {
    const flow = await flowBench({
      wrapper,
      plan: `
tasks:
  - { id: limited, worker: claude, cwd: "@attempt", prompt: "limit 3600", priority: 9 }
  - { id: same, worker: claude, cwd: "@attempt", prompt: "true", depends_on: [limited] }
  - { id: other, worker: claude, cwd: "@attempt", prompt: "true" }
  - { id: beside, worker: shell, command: "true" }
`,
    });
    flow.start("r1");
    const limited = await flow.until("limited", ({ reason }) => reason === "provider-cooldown");
    expect(limited).toMatchObject({ state: "queued", attempts: 1, lost: 0, summary: expect.stringMatching(/until/) });
    expect(await flow.store.quotas.list()).toMatchObject([{ account: "claude", window: "five-hour" }]);
    expect(await flow.until("beside", isOver)).toMatchObject({ state: "succeeded" });
    expect((await flow.task("other")).finishedAt === null || (await flow.task("other")).state === "succeeded").toBe(
      true,
    );
    const queued = await flow.store.tasks.get(limited.queueTaskId ?? 0);
    expect(queued).toMatchObject({ attempts: 0 });
  });

  it("an account without a limit: of the profile's pools the next one serves", async () => {
    const flow = await flowBench({
      wrapper,
      execution: [
        usualExecution,
        "  pools:",
        "    - { name: main, coding_worker: claude, account: first }",
        "    - { name: spare, coding_worker: claude, account: second, env: { from: { UNLIMITED: SPARE } } }",
      ].join("\n"),
      env: { SPARE: "yes" },
      plan: `tasks: [{ id: one, worker: claude, cwd: "@attempt", prompt: limit 3600, model: big }]`,
    });
    flow.start("r1");
    expect(await flow.until("one", isOver)).toMatchObject({ state: "succeeded", attempts: 2 });
    const sessions = await flow.store.sessions.list({ profileId: "flow:f1" });
    expect(sessions.map(({ account, pool, model }) => [account, pool, model])).toEqual([
      ["first", "main", "big"],
      ["second", "spare", "big"],
    ]);
    expect(await flow.store.quotas.list()).toMatchObject([{ account: "first" }]);
  });
});

describe("what an agent may spend", () => {
  it("is what is left of its flow's budget: one that goes over it is ended, is not tried again, and nothing more begins", async () => {
    const flow = await flowBench({
      wrapper,
      plan: `
budget: { tokens: 1000 }
tasks:
  - { id: first, worker: claude, cwd: "@attempt", prompt: "tokens 600 true" }
  - { id: greedy, worker: claude, cwd: "@attempt", prompt: "tokens 600 sleep 600", depends_on: [first], retry: { count: 3, backoff: 0 } }
  - { id: late, worker: shell, command: "true", depends_on: [first], priority: -1, group: g }
  - { id: last, worker: shell, command: "true", depends_on: [greedy] }
`,
    });
    flow.start("r1");
    const greedy = await flow.until("greedy", isOver);
    expect(greedy).toMatchObject({ state: "failed", reason: "budget-exhausted", attempts: 1 });
    expect(greedy.summary).toMatch(/the budget of its flow: 1[\s,.]?220 tokens of 1[\s,.]?000/);
    expect(await flow.store.flows.spend("f1")).toMatchObject({ tokens: 1220 });
    expect(await flow.until("last", isOver)).toMatchObject({ state: expect.stringMatching(/skipped|cancelled/) });
  });

  it("counts in the day of the profile that the plan names, and the next one waits for the day to end", async () => {
    const flow = await flowBench({
      wrapper,
      execution: `${usualExecution}\nbudgets: { day_tokens: 200 }`,
      plan: `
profile: web
tasks:
  - { id: first, worker: claude, cwd: "@attempt", prompt: "tokens 140 true" }
  - { id: second, worker: claude, cwd: "@attempt", prompt: "tokens 140 sleep 600", depends_on: [first], on_fail: continue }
  - { id: third, worker: claude, cwd: "@attempt", prompt: "true", depends_on: [second] }
`,
    });
    flow.start("r1");
    expect(await flow.until("first", isOver)).toMatchObject({ state: "succeeded" });
    const second = await flow.until("second", isOver);
    expect(second).toMatchObject({
      reason: "budget-exhausted",
      summary: expect.stringMatching(/the limit on one day/),
    });
    const third = await flow.until("third", ({ reason }) => reason !== null);
    expect(third).toMatchObject({ state: "queued", reason: "day-budget-spent", attempts: 0 });
    expect(third.summary).toMatch(/^profile web: 300 tokens of 200 tokens today, until/);
  });
});
