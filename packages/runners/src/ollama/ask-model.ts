import type { ModelFacts, ServerAddress } from "./ask-server.ts";
import type { ChatMessage, Turn } from "./chat.ts";
import { fitContext, sizeOf } from "./fit-context.ts";
import { askForLines, type HttpAnswer } from "./http-lines.ts";
import { failureOf, refusalOf, type ServerFailure, streamFailure, unfinishedStream } from "./judge-answer.ts";
import type { ProgramOptions } from "./program-options.ts";
import { createTurnReader } from "./read-turn.ts";
import { systemPrompt } from "./system-prompt.ts";
import { toolDefinitions } from "./tools.ts";

export type ModelAnswer =
  | { readonly kind: "turn"; readonly turn: Turn; readonly wasCut: boolean; readonly isContextFull: boolean }
  | { readonly kind: "failed"; readonly failure: ServerFailure }
  | { readonly kind: "stopped" };

export interface ModelConversation {
  readonly numCtx: number;
  /** One answer of the model to the whole conversation; tried again where that may help. Never rejects. */
  ask(messages: readonly ChatMessage[]): Promise<ModelAnswer>;
}

export interface AskingModel {
  readonly options: ProgramOptions;
  readonly server: ServerAddress;
  readonly facts: ModelFacts;
  readonly worktree: string;
  /** The model's words while they come, now and then: a slow model is not a stalled one. */
  readonly onWords: (text: string) => void;
  readonly onTrouble: (message: string) => void;
  readonly pause: (ms: number) => Promise<void>;
}

/** Where a server says nothing of a model's context. */
const unknownNumCtx = 16_384;
const retryPausesMs = [1_000, 4_000, 10_000];

export function createModelConversation(asking: AskingModel): ModelConversation {
  const { options, facts, server } = asking;
  const numCtx = options.numCtx ?? facts.numCtx ?? unknownNumCtx;
  const numPredict = Math.min(16_384, Math.max(256, Math.floor(numCtx / 4)));
  // What the server taught us about this model as we went.
  const learned = { hasTools: facts.hasTools !== false, think: options.think, tokensPerCharacter: 0.3, share: 1 };

  /** The system prompt, and as much of the rest as fits beside the answer. */
  function fitted(messages: readonly ChatMessage[]) {
    const prompt = systemPrompt({
      worktree: asking.worktree,
      commandTimeoutSeconds: options.commandTimeoutMs / 1000,
      hasNativeTools: learned.hasTools,
      extra: options.system,
    });
    const all: readonly ChatMessage[] = [{ role: "system", content: prompt }, ...messages];
    const forTools = learned.hasTools ? JSON.stringify(toolDefinitions).length : 0;
    const room = (numCtx - numPredict) * learned.share - forTools * learned.tokensPerCharacter;
    return fitContext(all, { tokens: room, tokensPerCharacter: learned.tokensPerCharacter });
  }

  function bodyOf(messages: readonly ChatMessage[]): object {
    const { temperature, keepAlive, model } = options;
    return {
      model,
      messages: messages.map((one) => (one.role === "tool" ? one : withoutToolName(one))),
      stream: true,
      // An honest refusal instead of a conversation that silently lost its beginning.
      truncate: false,
      shift: false,
      options: { num_ctx: numCtx, num_predict: numPredict, ...(temperature === null ? {} : { temperature }) },
      ...(learned.hasTools ? { tools: toolDefinitions } : {}),
      ...(learned.think === null ? {} : { think: learned.think }),
      ...(keepAlive === null ? {} : { keep_alive: durationOf(keepAlive) }),
    };
  }

  async function request(messages: readonly ChatMessage[]) {
    const reader = createTurnReader();
    const onLine = (line: string) => {
      const before = reader.characters();
      reader.push(line);
      if (reader.characters() > before) asking.onWords(reader.newest());
      // A server that does not keep to num_predict: eight characters are more than any token has on average.
      return reader.characters() > numPredict * 8 ? "enough" : "more";
    };
    const asked = { url: `${server.baseUrl}/api/chat`, key: server.key, body: bodyOf(messages) };
    const answer = await askForLines({ ...asked, silenceMs: options.responseTimeoutMs, stop: server.stop, onLine });
    return { answer, turn: reader.turn() };
  }

  /** True when the same question, asked in another way, may be taken. */
  function mends(answer: HttpAnswer & { readonly kind: "answered" }): boolean {
    const refusal = answer.status === 200 ? null : refusalOf(answer);
    if (refusal === "no-tools" && learned.hasTools) learned.hasTools = false;
    else if (refusal === "no-thinking" && learned.think !== null) learned.think = null;
    else return false;
    return true;
  }

  /** The server counts otherwise than we do: half of the room, once. */
  function shrinks(failure: ServerFailure): boolean {
    if (failure.reason !== "context-length-exceeded" || learned.share < 1) return false;
    learned.share = 0.5;
    return true;
  }

  function learnFrom(turn: Turn, sent: readonly ChatMessage[]): void {
    const characters = sizeOf(sent) + (learned.hasTools ? JSON.stringify(toolDefinitions).length : 0);
    if (turn.promptTokens < 100 || characters < 1_000) return;
    // A server that takes a part from its cache may count only the rest: never below what text really costs.
    learned.tokensPerCharacter = Math.min(1, Math.max(0.2, turn.promptTokens / characters));
  }

  async function ask(messages: readonly ChatMessage[]): Promise<ModelAnswer> {
    for (let tries = 0; ; ) {
      const { messages: sent, fits } = fitted(messages);
      if (!fits) return { kind: "failed", failure: tooLong(numCtx) };
      const { answer, turn } = await request(sent);
      if (answer.kind === "failed" && answer.how === "stopped") return { kind: "stopped" };
      if (answer.kind === "answered" && mends(answer)) continue;
      const failure = failureIn(answer, turn, options.model);
      if (failure === null) {
        learnFrom(turn, sent);
        if (turn.malformedLines > 0) asking.onTrouble(`${turn.malformedLines} lines of the answer were no JSON`);
        const isContextFull = turn.doneReason === "length" && turn.promptTokens + turn.outputTokens >= numCtx * 0.95;
        return { kind: "turn", turn, wasCut: answer.kind === "answered" && answer.wasCut, isContextFull };
      }
      if (shrinks(failure)) continue;
      if (!failure.isTransient || tries >= options.maxRetries) return { kind: "failed", failure };
      asking.onTrouble(failure.text);
      await asking.pause(retryPausesMs[Math.min(tries, retryPausesMs.length - 1)] ?? 0);
      tries += 1;
    }
  }
  return { numCtx, ask };
}

/** Pure. Null for an answer that can be worked with. */
function failureIn(answer: HttpAnswer, turn: Turn, model: string): ServerFailure | null {
  if (answer.kind === "failed" || answer.status < 200 || answer.status >= 300) return failureOf(answer, model);
  if (answer.wasCut) return null;
  if (turn.error !== null) return streamFailure(turn.error);
  return turn.isDone ? null : unfinishedStream(turn.malformedLines);
}

const tooLong = (numCtx: number): ServerFailure => ({
  reason: "context-length-exceeded",
  text: `the task alone does not fit into the model's context of ${numCtx} tokens`,
  isTransient: false,
  retryAfterSeconds: null,
  retryAt: null,
});

function withoutToolName({ tool_name: _, ...message }: ChatMessage): ChatMessage {
  return message;
}

/** "10m" as it is; a bare number is seconds, and -1 for ever. */
const durationOf = (text: string): string | number => (/^-?\d+$/.test(text) ? Number(text) : text);
