import type { Asked } from "./asked.ts";
import type { Scenario } from "./scenarios.ts";
import { type Wish, writing } from "./wish.ts";

/** What a model says and does while nothing goes wrong. */
export interface Script {
  /** `success` wants the first, `two-tools` the first two. */
  readonly wishes: readonly Wish[];
  /** The last text of a turn that is done. */
  readonly finalText: string;
  /** A command that runs until it is killed. */
  readonly longCommand: string;
}

export const defaultScript: Script = {
  wishes: [writing({ "hello.txt": "hi\n" }), writing({ "second.txt": "hi again\n" })],
  finalText: "DONE",
  // Not "sleep 600": one CLI refuses a command that begins by sleeping.
  longCommand: "echo started > long-tool.txt; while :; do sleep 1; done",
};

export type Fault = "unauthorized" | "rate-limited" | "rate-limited-until" | "overloaded" | "overflow" | "wrong-model";

export type Turn =
  | { readonly kind: "reply"; readonly text: string; readonly wishes: readonly Wish[] }
  | { readonly kind: "fault"; readonly fault: Fault }
  | { readonly kind: "reset" | "silence" | "chatter" | "malformed" };

/** Pure. What is to be said in a scenario to what was asked; a tool's result in the conversation means that it was done. */
export function decideTurn(scenario: Scenario, asked: Asked, script: Script): Turn {
  const isDone = asked.toolResults.length > 0 || asked.tools.length === 0;
  const final: Turn = { kind: "reply", text: script.finalText, wishes: [] };
  const wanting = (wishes: readonly Wish[], text = ""): Turn => ({ kind: "reply", text, wishes });
  switch (scenario) {
    case "success":
      return isDone ? final : wanting(script.wishes.slice(0, 1));
    case "two-tools":
      return isDone ? final : wanting(script.wishes.slice(0, 2));
    case "refusal":
      return { kind: "reply", text: "I cannot help with this.", wishes: [] };
    case "long-tool":
      // Some programs come back while their tool still runs.
      return isDone ? { kind: "silence" } : wanting([{ command: script.longCommand, files: {} }]);
    case "endless-work":
      return asked.tools.length === 0 ? final : endlessStep(asked.toolResults.length + 1);
    case "reset":
    case "silence":
    case "chatter":
    case "malformed":
      return { kind: scenario };
    default:
      return { kind: "fault", fault: faults[scenario] };
  }
}

const faults: { readonly [name in "401" | "429" | "429-reset" | "529" | "overflow" | "wrong-model"]: Fault } = {
  "401": "unauthorized",
  "429": "rate-limited",
  "429-reset": "rate-limited-until",
  "529": "overloaded",
  overflow: "overflow",
  "wrong-model": "wrong-model",
};

/** Each one different: some programs stop a model that repeats itself. */
function endlessStep(step: number): Turn {
  return { kind: "reply", text: `Step ${step}.`, wishes: [{ command: `echo step ${step}`, files: {} }] };
}
