import { describe, expect, it } from "vitest";
import type { AttemptOutcome } from "../../src/domain/flow.ts";
import type { JudgeVerdict } from "../../src/domain/flow-decision.ts";
import { SimulatedFlow, type SimulatedTask } from "./simulated-flow.ts";

const done: AttemptOutcome = { kind: "done", result: null };
const says = (verdict: JudgeVerdict): AttemptOutcome => ({ ...done, verdict: { verdict, feedback: "f" } });
const failed: AttemptOutcome = { kind: "failed", reason: "exit-code", summary: "", isFinal: false, result: null };
const lost: AttemptOutcome = { kind: "lost", summary: "" };

/** `a=done b=failed c?retry -d`: a begins and ends done; b fails; c's question is answered; d is cancelled. */
function play(flow: SimulatedFlow, moves: string): Record<string, string> {
  const outcomes: Record<string, AttemptOutcome> = {
    ...{ done, failed, lost, pass: says("pass"), again: says("retry"), bad: says("fail"), ask: says("ask") },
    cancelled: { kind: "cancelled", summary: "" },
    final: { kind: "failed", reason: "r", summary: "", isFinal: true, result: null },
  };
  for (const move of moves.split(" ").filter(Boolean)) {
    const [, sign, before = "", mark, after = ""] = /^(-|!)?([a-z.]*)([=?]?)([a-z]*)$/.exec(move) ?? [];
    if (sign === "-") flow.cancel(before);
    else if (sign === "!") flow.end({ kind: before === "cancel" ? "cancel" : "fail", reason: "r", stopsRunning: true });
    else if (mark === "?") flow.answer(before, after);
    else {
      if (flow.task(before).state !== "running") flow.begin(before);
      const outcome = outcomes[after];
      if (outcome) flow.conclude(before, outcome);
    }
  }
  return Object.fromEntries([...flow.tasks.values()].map(({ id, state }) => [id, state]));
}

const chain: readonly SimulatedTask[] = [{ id: "a" }, { id: "b", dependsOn: ["a"] }, { id: "c", dependsOn: ["b"] }];
const withPolicy = (onFail: SimulatedTask["onFail"]): readonly SimulatedTask[] => [
  { id: "a", ...(onFail ? { onFail } : {}) },
  ...chain.slice(1),
  { id: "x" },
];
/** As a plan's `judge` makes them. */
const withItsJudge: readonly SimulatedTask[] = [
  { id: "w" },
  { id: "w.judge", dependsOn: ["w"], judges: "w", onFail: "continue" },
];
const judged = (more: Partial<SimulatedTask> = {}): readonly SimulatedTask[] => [
  { id: "w", ...more },
  { id: "j", dependsOn: ["w"], judges: "w", rounds: 1 },
  { id: "n", dependsOn: ["w"] },
];

describe("what follows from the end of a task", () => {
  it.each<[string, readonly SimulatedTask[], string, string]>([
    ["a chain goes on", chain, "a=done", "a:succeeded b:queued c:waiting"],
    [
      "a diamond waits for both",
      [...chain.slice(0, 2), { id: "c", dependsOn: ["a"] }, { id: "d", dependsOn: ["b", "c"] }],
      "a=done b=done",
      "a:succeeded b:succeeded c:queued d:waiting",
    ],
    ["a failure skips what needs it, directly or not", chain, "a=failed", "a:failed b:skipped c:skipped"],
    ["and nothing else", withPolicy("skip_dependents"), "a=failed", "a:failed b:skipped c:skipped x:queued"],
    [
      "continue begins what needs it all the same",
      withPolicy("continue"),
      "a=failed",
      "a:failed b:queued c:waiting x:queued",
    ],
    ["fail ends all that has not begun", withPolicy("fail"), "x a=failed", "a:failed b:skipped c:skipped x:running"],
    ["ask holds that task alone", withPolicy("ask"), "a=failed x=done", "a:asking b:waiting c:waiting x:succeeded"],
    ["answered retry", withPolicy("ask"), "a=failed a?retry", "a:queued b:waiting c:waiting x:queued"],
    ["answered continue", withPolicy("ask"), "a=failed a?continue", "a:failed b:queued c:waiting x:queued"],
    ["answered skip", withPolicy("ask"), "a=failed a?skip", "a:failed b:skipped c:skipped x:queued"],
    ["answered fail", withPolicy("ask"), "a=failed a?fail", "a:failed b:skipped c:skipped x:cancelled"],
    ["a retry is no failure yet", [{ id: "a", retries: 1 }], "a=failed", "a:queued"],
    ["retries are used up", [{ id: "a", retries: 1 }], "a=failed a=failed", "a:failed"],
    ["a failure for good is not retried", [{ id: "a", retries: 9 }], "a=final", "a:failed"],
    ["lost attempts are no failures", [{ id: "a" }], "a=lost a=lost a=lost", "a:queued"],
    ["and are bounded", [{ id: "a" }], "a=lost a=lost a=lost a=lost", "a:failed"],
    ["a cancelled task skips what needs it", chain, "-a", "a:cancelled b:skipped c:skipped"],
    ["a running one is asked to stop", chain, "a -a a=failed", "a:cancelled b:skipped c:skipped"],
    ["a flow that is cancelled", chain, "a=done b !cancel b=cancelled", "a:succeeded b:cancelled c:cancelled"],
    ["judged work waits for its judge", judged(), "w=done", "w:judging j:queued n:waiting"],
    ["pass", judged(), "w=done j=pass", "w:succeeded j:succeeded n:queued"],
    ["another round", judged(), "w=done j=again", "w:queued j:waiting n:waiting"],
    ["the judge is asked again", judged(), "w=done j=again w=done", "w:judging j:queued n:waiting"],
    ["rounds are used up", judged(), "w=done j=again w=done j=again", "w:failed j:succeeded n:skipped"],
    ["fail", judged(), "w=done j=bad", "w:failed j:succeeded n:skipped"],
    ["fail, and a person is asked", judged({ onFail: "ask" }), "w=done j=bad", "w:asking j:waiting n:waiting"],
    ["who goes on with it", judged({ onFail: "ask" }), "w=done j=bad w?continue", "w:failed j:succeeded n:queued"],
    ["or has it done anew", judged({ onFail: "ask" }), "w=done j=bad w?retry w=done", "w:judging j:queued n:waiting"],
    ["a judge asks", judged(), "w=done j=ask", "w:asking j:waiting n:waiting"],
    ["and is told to pass", judged(), "w=done j=ask w?pass", "w:succeeded j:succeeded n:queued"],
    ["or to fail", judged(), "w=done j=ask w?fail", "w:failed j:succeeded n:skipped"],
    ["or to have it done anew", judged(), "w=done j=ask w?retry w=done j=pass", "w:succeeded j:succeeded n:queued"],
    ["work without its judge does not pass", judged(), "w=done j=failed", "w:failed j:failed n:skipped"],
    ["whether the judge ends before", judged(), "-j w=done", "w:failed j:cancelled n:skipped"],
    ["or after", judged(), "w=done -j", "w:failed j:cancelled n:skipped"],
    ["work that failed has no judge", judged(), "w=failed", "w:failed j:skipped n:skipped"],
    ["also when that is tolerated", judged({ onFail: "continue" }), "w=failed", "w:failed j:skipped n:queued"],
    ["a verdict on work that was cancelled", judged(), "w=done j -w j=pass", "w:cancelled j:succeeded n:skipped"],
    ["a judge may speak while the flow ends", judged(), "w=done j !fail j=pass", "w:succeeded j:succeeded n:cancelled"],
    ["but nothing is done anew", judged(), "w=done j !fail j=again", "w:cancelled j:succeeded n:cancelled"],
    [
      "and stopped judges end their work",
      judged(),
      "w=done j !cancel j=cancelled",
      "w:cancelled j:cancelled n:cancelled",
    ],
    [
      "work does not pass without the judge that it was given, whose failure is its own",
      withItsJudge,
      "w=done w.judge=failed",
      "w:failed w.judge:failed",
    ],
    [
      "and passes without one whose failure the plan passes over",
      [{ id: "w" }, { id: "j", dependsOn: ["w"], judges: "w", onFail: "continue" }],
      "w=done j=failed",
      "w:succeeded j:failed",
    ],
    ["no verdict is a failure", judged(), "w=done j=done", "w:failed j:failed n:skipped"],
  ])("%s", (_name, plan, moves, wanted) => {
    const states = play(new SimulatedFlow(plan), moves);
    expect(
      Object.entries(states)
        .map(([id, state]) => `${id}:${state}`)
        .join(" "),
    ).toBe(wanted);
  });

  it("what the flow is to end for is said with the task whose policy it is", () => {
    const flow = new SimulatedFlow(withPolicy("fail"));
    play(flow, "a=failed");
    expect(flow.ending).toEqual({ kind: "fail", reason: "task-failed", stopsRunning: false });
  });

  it("a judge's question is answered by what comes nearest to the answer the plan has for failures", () => {
    const flow = new SimulatedFlow(judged());
    flow.tasks.set("w", { ...flow.task("w"), ask: { expiresMs: 5, answer: "continue" } });
    play(flow, "w=done j=ask");
    expect(flow.decisions.get("w")).toMatchObject({
      options: ["pass", "retry", "fail"],
      fallback: "pass",
      expiresAt: 5,
    });
  });
});
