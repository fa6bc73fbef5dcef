import type { FailureReason, Instant, Usage } from "@agent-control-plane/core";
import { cutText, oneLine, type ProcessExit, type Resumed, type SessionEvent, type StreamParser } from "./backend.ts";
import { asNumber, asObject, asText, type Fields, parseJsonLine } from "./json-line.ts";
import { readLimitText } from "./limit-text.ts";
import { classifyOpencodeError, resetOfOpencodeError } from "./opencode-error.ts";

/**
 * What `run --format json` prints, and what our plugin prints beside it (`acp_...`). The last step's reason decides, not
 * the exit code: that is 0 also when a permission was refused and the model never came to its end.
 */
export function createOpencodeParser(now: () => Instant, resumed: Resumed | null): StreamParser {
  let nativeSessionId: string | null = null;
  let usage: Usage = {};
  let lastText = "";
  let lastStep: string | null = null;
  let error: Fields | null = null;
  /** An error that the program came over makes its exit code 1 all the same. */
  let cameOver = false;
  let waiting: { readonly reason: FailureReason; readonly until: Instant | null; readonly detail: string } | null =
    null;
  let notMoved: string | null = null;
  const steps = new Set<string>();
  const tools = new Map<string, "running" | "ended">();

  function eventsOf(line: Fields): SessionEvent[] {
    const at = now();
    const part = asObject(line.part) ?? {};
    const sessionId = asText(line.sessionID);
    switch (line.type) {
      case "acp_status":
        return statusEvents(asObject(line.status) ?? {}, sessionId, at);
      case "acp_tool":
        return toolEvents(line, asText(line.status), asText(line.input) ?? "", at);
      case "acp_step":
        return stepEvents(part, at);
      case "acp_not_moved":
        notMoved = asText(line.message) ?? "";
        return [{ at, kind: "error", message: cutText(notMoved), transient: false }];
      case "step_start":
        return started(sessionId, at);
      case "tool_use": {
        const state = asObject(part.state) ?? {};
        return toolEvents(part, asText(state.status), JSON.stringify(state.input ?? null), at);
      }
      case "text":
        lastText = asText(part.text) ?? "";
        return [...progress(), { at, kind: "message", text: cutText(lastText) }];
      case "step_finish":
        return ownStepEnded(part, at);
      case "error":
        error = asObject(line.error) ?? {};
        return [{ at, kind: "error", message: cutText(messageOf(error)), transient: false }];
      default:
        return [];
    }
  }

  function started(sessionId: string | null, at: Instant): SessionEvent[] {
    if (nativeSessionId !== null || sessionId === null) return [];
    nativeSessionId = sessionId;
    return [{ at, kind: "started", nativeSessionId, model: null }];
  }

  function progress(): SessionEvent[] {
    waiting = null;
    return [];
  }

  function statusEvents(status: Fields, sessionId: string | null, at: Instant): SessionEvent[] {
    const begun = started(sessionId, at);
    if (status.type !== "retry") return begun;
    const detail = oneLine(asText(status.message) ?? "its provider refused");
    const until = asNumber(status.next);
    // Its own pauses are short; only a provider can name a long one.
    const isNamed = until !== null && until - at > longestOwnPauseMs;
    const reason = readLimitText(detail, at)?.reason ?? (isNamed ? "provider-quota-limit" : "provider-error");
    waiting = { reason, until: isNamed ? until : null, detail };
    return [...begun, { at, kind: "provider-wait", ...waiting }];
  }

  function toolEvents(call: Fields, status: string | null, input: string, at: Instant): SessionEvent[] {
    const id = asText(call.callID) ?? "";
    const tool = asText(call.tool) ?? "";
    if (tools.get(id) === "ended") return [];
    progress();
    const begin: SessionEvent[] = tools.has(id)
      ? []
      : [{ at, kind: "tool-start", tool, id, detail: cutText(input, 500) }];
    const isOver = status === "completed" || status === "error";
    tools.set(id, isOver ? "ended" : "running");
    return isOver ? [...begin, { at, kind: "tool-end", tool, id, ok: status === "completed" }] : begin;
  }

  /** Of each call of a model once, whichever of the two said it first; sub-agents' as well. */
  function stepEvents(part: Fields, at: Instant): SessionEvent[] {
    const id = asText(part.id) ?? `${steps.size}`;
    if (steps.has(id)) return [];
    steps.add(id);
    progress();
    usage = added(usage, part);
    return [{ at, kind: "usage", usage }];
  }

  function ownStepEnded(part: Fields, at: Instant): SessionEvent[] {
    const events = stepEvents(part, at);
    lastStep = asText(part.reason) ?? "unknown";
    cameOver ||= error !== null;
    error = null;
    const isEnd = lastStep !== "tool-calls";
    return isEnd ? [...events, { at, kind: "result", ok: lastStep === "stop", text: cutText(lastText) }] : events;
  }

  function failureOf({ exitCode }: ProcessExit): FailureReason {
    if (error) return classifyOpencodeError(error, now());
    if (waiting) return waiting.reason;
    if (resumed && nativeSessionId === null && exitCode === 1) return "resume-refused";
    if (exitCode === 127) return "agent-not-found";
    if (lastStep === "length") return "turn-limit";
    return "no-terminal-event";
  }

  function summaryOf({ exitCode, signal }: ProcessExit): string {
    if (error) return oneLine(messageOf(error));
    if (waiting) return `it waited for its provider: ${waiting.detail}`;
    if (notMoved !== null) return oneLine(`its conversation could not be moved to this worktree: ${notMoved}`);
    const how = signal ? `ended by ${signal}` : `exit code ${exitCode}`;
    return lastStep === null
      ? `no step of a model was finished; ${how}`
      : `its last step ended with ${lastStep}; ${how}`;
  }

  return {
    push: (line) => {
      const parsed = parseJsonLine(line);
      return parsed ? eventsOf(parsed) : [];
    },
    end: (exit) => {
      const exitedWell = exit.exitCode === 0 || (exit.exitCode === 1 && cameOver);
      if (exitedWell && lastStep === "stop" && error === null) {
        const summary = oneLine(lastText) || "finished";
        return { good: true, failureReason: null, usage, nativeSessionId, summary, retryAt: null };
      }
      const reset = error ? resetOfOpencodeError(error, now()) : { retryAt: waiting?.until ?? null };
      return {
        good: false,
        failureReason: failureOf(exit),
        usage,
        nativeSessionId,
        summary: summaryOf(exit),
        ...reset,
      };
    },
  };
}

/** It doubles its pauses from 2 s; the longest that was seen is 40 s. */
const longestOwnPauseMs = 60_000;

const messageOf = (error: Fields): string =>
  asText(asObject(error.data)?.message) ?? asText(error.name) ?? "an error without a word";

/** A model whose price it does not know costs nothing in its stream: that is no cost at all. */
function added(usage: Usage, part: Fields): Usage {
  const tokens = asObject(part.tokens) ?? {};
  const cache = asObject(tokens.cache) ?? {};
  const count = (value: unknown): number => asNumber(value) ?? 0;
  const cost = count(part.cost) + (usage.costUsd ?? 0);
  return {
    inputTokens: (usage.inputTokens ?? 0) + count(tokens.input) + count(cache.write),
    cachedInputTokens: (usage.cachedInputTokens ?? 0) + count(cache.read),
    outputTokens: (usage.outputTokens ?? 0) + count(tokens.output) + count(tokens.reasoning),
    ...(cost > 0 ? { costUsd: cost } : {}),
  };
}
