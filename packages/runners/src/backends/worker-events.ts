import { type FailureReason, type Instant, isFailureReason, type Usage } from "@agent-control-plane/core";
import { cutText, oneLine, type ProcessExit, type SessionEvent, type StreamParser } from "./backend.ts";
import { asNumber, asText, type Fields, parseJsonLine } from "./json-line.ts";
import { unprovenRetryAt } from "./unproven-limit.ts";

export interface WorkerLines {
  readonly now: () => Instant;
  /** A program that always says how it ended: without a `result` line its end is none. Others are good by exit code 0. */
  readonly needsResult?: boolean;
  /** Nothing but the program writes there. Of what others can write to, no limit is believed for longer than an hour. */
  readonly isOwnStream?: boolean;
}

/**
 * Reads our own event lines (docs/backends.md, "Event lines"): a worker in any language prints them, as our own ollama
 * agent does. Any other line is a message, so that a plain script needs nothing.
 */
export function createWorkerParser({ now, needsResult = false, isOwnStream = false }: WorkerLines): StreamParser {
  const believed = (said: Instant | null) => (isOwnStream ? said : unprovenRetryAt(said, now()));
  let nativeSessionId: string | null = null;
  let usage: Usage = {};
  let result: Fields | null = null;
  let lastWords = "";

  function eventOf(line: Fields): SessionEvent | null {
    const at = now();
    switch (line.kind) {
      case "started":
        nativeSessionId = asText(line.session) ?? nativeSessionId;
        return { at, kind: "started", nativeSessionId, model: asText(line.model) };
      case "message":
        lastWords = asText(line.text) ?? lastWords;
        return { at, kind: "message", text: cutText(asText(line.text) ?? "") };
      case "tool-start":
        return { at, kind: "tool-start", ...toolOf(line), detail: cutText(asText(line.detail) ?? "", 500) };
      case "tool-end":
        return { at, kind: "tool-end", ...toolOf(line), ok: line.ok !== false };
      case "usage":
        usage = { ...usage, ...usageOf(line) };
        return { at, kind: "usage", usage };
      case "rate-limit":
        return { at, kind: "rate-limit", status: asText(line.status) ?? "", retryAt: believed(retryAtOf(line, at)) };
      case "error":
        return { at, kind: "error", message: cutText(asText(line.message) ?? ""), transient: line.transient !== false };
      case "result":
        result = line;
        return { at, kind: "result", ok: line.ok === true, text: cutText(asText(line.text) ?? "") };
      default:
        return null;
    }
  }

  function plain(line: string): SessionEvent[] {
    lastWords = line;
    return [{ at: now(), kind: "message", text: cutText(line) }];
  }

  return {
    push: (line) => {
      if (line.trim() === "") return [];
      const parsed = parseJsonLine(line);
      const event = parsed ? eventOf(parsed) : null;
      return event ? [event] : plain(line);
    },
    end: (exit) => {
      const ended = { usage, nativeSessionId };
      const isDone = exit.exitCode === 0 && exit.signal === null;
      const said = asText(result?.text) ?? "";
      if (isDone && (result ? result.ok === true : !needsResult)) {
        return {
          ...ended,
          good: true,
          failureReason: null,
          summary: oneLine(said || lastWords) || "finished",
          retryAt: null,
        };
      }
      const failure = result !== null && result.ok !== true ? result : null;
      const failureReason = reasonOf(failure, exit, needsResult && result === null);
      const how = exit.signal ? `ended by ${exit.signal}` : `exit code ${exit.exitCode}`;
      const words = failure ? said : lastWords;
      const summary = failure && said !== "" ? said : words === "" ? how : `${how}: ${words}`;
      return {
        ...ended,
        good: false,
        failureReason,
        summary: oneLine(summary),
        retryAt: believed(retryAtOf(failure ?? {}, now())),
      };
    },
  };
}

const toolOf = (line: Fields) => ({ tool: asText(line.tool) ?? "tool", id: asText(line.id) ?? "" });

/** Totals of this session so far; a counter that is not given stays as it was. */
function usageOf(line: Fields): Usage {
  const input = asNumber(line.input_tokens);
  const cached = asNumber(line.cached_input_tokens);
  const output = asNumber(line.output_tokens);
  const cost = asNumber(line.cost_usd);
  return {
    ...(input === null ? {} : { inputTokens: input }),
    ...(cached === null ? {} : { cachedInputTokens: cached }),
    ...(output === null ? {} : { outputTokens: output }),
    ...(cost === null ? {} : { costUsd: cost }),
  };
}

/** What a program can know of its own end. The rest is the host's to say: a worker's word on it counts as a failure. */
const ownReasons: ReadonlySet<FailureReason> = new Set<FailureReason>([
  "usage-limit",
  "auth-401",
  "account-banned",
  "auth-failure",
  "provider-quota-limit",
  "provider-error",
  "model-unavailable",
  "network-connection",
  "context-length-exceeded",
  "turn-limit",
  "budget-exhausted",
  "resume-refused",
  "worker-exit-failed",
]);

function reasonOf(failure: Fields | null, { exitCode }: ProcessExit, hasNoEnd: boolean): FailureReason {
  const said = asText(failure?.reason) ?? "";
  if (isFailureReason(said) && ownReasons.has(said)) return said;
  if (failure === null && exitCode === 127) return "agent-not-found";
  return hasNoEnd ? "no-terminal-event" : "worker-exit-failed";
}

/** `retry_at` as a date (RFC 3339) or `retry_after_seconds`. */
function retryAtOf(line: Fields, now: Instant): Instant | null {
  const at = Date.parse(asText(line.retry_at) ?? "");
  if (!Number.isNaN(at)) return at;
  const seconds = asNumber(line.retry_after_seconds);
  return seconds === null || seconds < 0 ? null : now + seconds * 1000;
}
