import type { FailureReason } from "@agent-control-plane/core";
import type { ModelConversation } from "./ask-model.ts";
import type { AskedCall, ChatMessage, Turn } from "./chat.ts";
import type { ToolResult } from "./file-tools.ts";
import type { ServerFailure } from "./judge-answer.ts";
import { type Judgement, judgeTurn } from "./judge-turn.ts";
import type { LoopEvent } from "./loop-event.ts";
import { createRepeatWatch } from "./spot-repeats.ts";
import { detailOf } from "./tools.ts";

export interface AgentLoop {
  readonly model: ModelConversation;
  readonly maxTurns: number;
  /** The conversation so far, the new task at its end. */
  readonly messages: readonly ChatMessage[];
  readonly runTool: (call: AskedCall) => Promise<ToolResult>;
  readonly emit: (event: LoopEvent) => void;
  readonly save: (messages: readonly ChatMessage[]) => void;
  readonly isStopped: () => boolean;
  readonly nowMs: () => number;
}

export type LoopEnd =
  | { readonly kind: "finished"; readonly text: string }
  | {
      readonly kind: "failed";
      readonly reason: FailureReason;
      readonly text: string;
      readonly retry: Pick<ServerFailure, "retryAfterSeconds" | "retryAt"> | null;
    }
  | { readonly kind: "stopped" };

/** Unusable answers in a row. */
const maxStrikes = 3;
/** Of one answer; what is more is told to ask again. */
const maxCallsATurn = 20;

/**
 * Question, answer, tools, and again, until the model says that it is done or one of the bounds is reached. What is on
 * disk is whole after each step: a session killed here goes on from the last one.
 */
export async function runAgentLoop(loop: AgentLoop): Promise<LoopEnd> {
  let messages = [...loop.messages];
  let strikes = 0;
  let calls = 0;
  let wasTold = false;
  const usage = { input: 0, output: 0 };
  const watchRepeats = createRepeatWatch();

  function add(...more: readonly ChatMessage[]): void {
    messages = [...messages, ...more];
    loop.save(messages);
  }
  function count(turn: Turn): void {
    usage.input += turn.promptTokens;
    usage.output += turn.outputTokens;
    loop.emit({ kind: "usage", input_tokens: usage.input, output_tokens: usage.output });
  }

  /** Null when the loop goes on. */
  async function useTools(asked: readonly AskedCall[], by: "native" | "text"): Promise<LoopEnd | null> {
    for (const [at, call] of asked.entries()) {
      if (loop.isStopped()) return { kind: "stopped" };
      if (at >= maxCallsATurn) {
        add(resultMessage(call, by, `Not done: at most ${maxCallsATurn} calls an answer. Ask again.`));
        continue;
      }
      calls += 1;
      const result = await toolRun(loop, call, `call_${calls}`);
      const repeat = watchRepeats(call, result.text);
      const words = repeat.kind === "new" ? result.text : `${result.text}\n\n${repeatNote(repeat.times)}`;
      add(resultMessage(call, by, words));
      if (repeat.kind === "lost") {
        const text = `the model made the same call ${repeat.times} times with the same result: ${call.name} ${detailOf(call)}`;
        return { ...failed("worker-exit-failed", text) };
      }
    }
    return null;
  }

  async function act(judged: Judgement, isContextFull: boolean): Promise<LoopEnd | null> {
    if (judged.kind === "final") return { kind: "finished", text: judged.text };
    if (judged.kind === "calls") {
      strikes = 0;
      return useTools(judged.calls, judged.by);
    }
    strikes += 1;
    wasTold = true;
    if (strikes >= maxStrikes) {
      const reason = isContextFull ? "context-length-exceeded" : "turn-limit";
      return failed(reason, `the model gave ${strikes} answers in a row that lead nowhere: ${judged.why}`);
    }
    add({ role: "user", content: judged.say });
    return null;
  }

  loop.save(messages);
  for (let turns = 0; turns < loop.maxTurns; turns += 1) {
    const answer = await loop.model.ask(messages);
    if (answer.kind === "stopped" || loop.isStopped()) return { kind: "stopped" };
    if (answer.kind === "failed")
      return { ...failed(answer.failure.reason, answer.failure.text), retry: answer.failure };
    const { turn, wasCut } = answer;
    count(turn);
    if (turn.content.trim() !== "") loop.emit({ kind: "message", text: turn.content });
    const judged = judgeTurn(turn, { hasUsedTools: calls > 0, wasTold, wasCut });
    add(assistantMessage(turn, judged));
    const end = await act(judged, answer.isContextFull);
    if (end) return end;
  }
  return failed("turn-limit", `over its ${loop.maxTurns} turns`);
}

async function toolRun(loop: AgentLoop, call: AskedCall, id: string): Promise<ToolResult> {
  const startedMs = loop.nowMs();
  loop.emit({ kind: "tool-start", tool: call.name, id, detail: detailOf(call) });
  const result = await loop.runTool(call);
  const duration_ms = Math.round(loop.nowMs() - startedMs);
  loop.emit({ kind: "tool-end", tool: call.name, id, ok: result.ok, duration_ms });
  return result;
}

/** What the model said, less what would only cost room: an answer that did not end says nothing by its length. */
function assistantMessage(turn: Turn, judged: Judgement): ChatMessage {
  const content = judged.kind === "again" ? turn.content.slice(0, 1_000) : turn.content;
  const isNative = judged.kind === "calls" && judged.by === "native";
  return {
    ...{ role: "assistant", content },
    ...(turn.thinking !== "" && judged.kind !== "again" ? { thinking: turn.thinking } : {}),
    ...(isNative
      ? { tool_calls: judged.calls.map(({ name, arguments: given }) => ({ function: { name, arguments: given } })) }
      : {}),
  };
}

/** In the words the model knows: who wrote its call as text gets the result as text. */
function resultMessage(call: AskedCall, by: "native" | "text", text: string): ChatMessage {
  if (by === "native") return { role: "tool", tool_name: call.name, content: text };
  return { role: "user", tool_name: call.name, content: `Result of ${call.name}:\n${text}` };
}

const repeatNote = (times: number): string =>
  `[You have made this very call ${times} times, and the result is the same. Do something else, or say that you are done.]`;

const failed = (reason: FailureReason, text: string) => ({ kind: "failed", reason, text, retry: null }) as const;
