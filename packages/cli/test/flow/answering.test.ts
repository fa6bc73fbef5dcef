// Answers to decisions, over each way that there is to give one: the store, the command line and the mailbox.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runHere } from "../support/in-process.ts";
import { plan, task } from "./field-case.ts";
import { aFlowBench, type FlowRun } from "./flow-bench.ts";

const bench = await aFlowBench();

/** What an answer came to: nothing, or why it was refused, in words. */
type Answer = (
  run: FlowRun,
  ref: string,
  answer: string,
) => Promise<{ readonly code?: string; readonly words: string } | null>;

const ways: { readonly [way: string]: Answer } = {
  async store(run, ref, answer) {
    const said = await run.store.flows.decide({ flowId: run.id, ref, answer, by: "ann" });
    return said.kind === "refused" ? { code: said.reason, words: said.summary } : null;
  },
  async "command line"(_, ref, answer) {
    const { code, stderr } = await runHere(["flow", "decide", ref, "--answer", answer], {
      env: { AGENT_RUNTIME_HOME: bench.home, USER: "ann" },
    });
    return code === 0 ? null : { words: stderr };
  },
  async mailbox(run, ref, answer) {
    const before = (await linesRead(run)).length;
    appendFileSync(join(run.folder, "inbox.jsonl"), `${JSON.stringify({ type: "DECIDE", ref, answer })}\n`);
    const read = await run.until("that the line is read", async () => (await linesRead(run))[before]);
    if (read.answer === "applied") return null;
    const errors = (await run.messages())
      .filter(({ type }) => type === "ERROR")
      .map(({ body }) => body as unknown as Told);
    const { code, reason } = errors.find(({ line }) => line === read.line) ?? { code: "nothing", reason: "was told" };
    return { code, words: reason };
  },
};

interface Told {
  readonly line: number;
  readonly code: string;
  readonly reason: string;
}

async function linesRead(run: FlowRun) {
  const events = await run.store.events.list({ profileId: `flow:${run.id}` });
  return events.flatMap(({ kind, body }) =>
    kind === "flow.line-read" ? [body as { readonly line: number; readonly answer: string }] : [],
  );
}

const asks = (id: string, more = {}) => task(id, { command: "exit 1", on_fail: "ask", ...more });
const asking = async (run: FlowRun, count: number) =>
  run.until("questions", async () => {
    const open = await run.store.flows.decisions({ flowId: run.id, open: true });
    return open.length === count ? new Map(open.map((each) => [each.taskId, each])) : null;
  });
const refOf = (open: ReadonlyMap<string, { readonly ref: string }>, taskId: string) => open.get(taskId)?.ref ?? "none";

describe.concurrent.each(Object.entries(ways))("an answer by the %s", (way, answer) => {
  it("unblocks the one task that it is about; what comes late, again, or from elsewhere is refused and changes nothing", async () => {
    const short = { ask: { expires: "1ms", answer: "skip" } };
    const run = await bench.run(
      plan([asks("a"), asks("b"), asks("c"), asks("late", short), task("after-a", { depends_on: ["a"] })], {
        parallelism: 1,
      }),
    );
    const other = await bench.run(plan([asks("z")]));
    const foreign = refOf(await asking(other, 1), "z");
    await run.until("the last question", async () =>
      (await run.states()).startsWith("a:asking b:asking c:asking late:"),
    );
    const all = await run.until("four questions", async () => {
      const found = await run.store.flows.decisions({ flowId: run.id });
      return found.length === 4 ? new Map(found.map((each) => [each.taskId, each])) : null;
    });
    await run.until("one that is over", async () => {
      await run.store.flows.expire();
      return (await run.task("late")).state === "failed";
    });
    const before = await run.store.flows.tasks(run.id);
    const refusal = async (ref: string, said: string, code: string, words: string) => {
      const refused = await answer(run, ref, said);
      expect(refused?.code ?? code).toBe(code);
      expect(refused?.words).toContain(words);
    };
    await refusal("d0", "retry", "unknown-decision", "There is no decision d0.");
    if (way !== "command line") await refusal(foreign, "skip", "foreign-decision", "is not one of flow");
    await refusal(
      refOf(all, "a"),
      "perhaps",
      "unknown-answer",
      'cannot be answered "perhaps": one of retry, continue, skip, fail.',
    );
    await refusal(refOf(all, "late"), "retry", "decision-expired", "was not answered in time: it was taken as skip.");
    expect(await run.store.flows.tasks(run.id)).toEqual(before);

    expect(await answer(run, refOf(all, "a"), "continue")).toBe(null);
    await run.until("what needs it", async () => (await run.task("after-a")).state === "succeeded");
    await refusal(refOf(all, "a"), "retry", "already-answered", "was answered already: continue, by");
    expect(await run.states()).toBe("a:failed b:asking c:asking late:failed after-a:succeeded");
    expect([...(await asking(run, 2)).values()]).toEqual([all.get("b"), all.get("c")]);
    expect(await other.states()).toBe("z:asking");

    await run.store.flows.cancelTask(run.id, "b", "ann");
    await refusal(refOf(all, "b"), "retry", "decision-void", "holds nothing any more");
    expect(await answer(run, refOf(all, "c"), "skip")).toBe(null);
    expect((await run.end()).state).toBe("failed");
    await other.cancel();
  });
});
