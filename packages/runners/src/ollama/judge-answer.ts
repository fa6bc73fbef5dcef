import type { FailureReason } from "@agent-control-plane/core";
import type { HttpAnswer } from "./http-lines.ts";

export interface ServerFailure {
  readonly reason: FailureReason;
  /** One line for people: the server's own word where it gave one. */
  readonly text: string;
  /** The same request may well succeed in a moment. */
  readonly isTransient: boolean;
  readonly retryAfterSeconds: number | null;
  readonly retryAt: string | null;
}

/** What a refused request can be repaired by, before it counts as a failure. */
export type Refusal = "no-tools" | "no-thinking" | "context" | null;

/** Pure. Why a request brought no answer; by status and the server's own error, never by the model's words. */
export function failureOf(answer: HttpAnswer, model: string): ServerFailure {
  if (answer.kind === "failed") return networkFailure(answer);
  const text = errorTextOf(answer.body) ?? `status ${answer.status}`;
  const { retryAfterSeconds, retryAt } = readRetryAfter(answer.retryAfter);
  const failure = (reason: FailureReason, isTransient = false): ServerFailure => ({
    ...{ reason, isTransient, retryAfterSeconds, retryAt },
    text: `the model's server answered ${answer.status}: ${text.split("\n", 1)[0]?.slice(0, 300)}`,
  });
  if (refusalOf(answer) === "context") return failure("context-length-exceeded");
  switch (answer.status) {
    case 401:
      return failure("auth-401");
    case 403:
      return failure("auth-failure");
    case 402:
    case 429:
      return failure("provider-quota-limit");
    case 404:
      return isAboutModel(text, model) ? failure("model-unavailable") : failure("provider-error");
    default:
      return failure("provider-error", answer.status >= 500);
  }
}

/** Pure. The server's own word on why it did not take this request. */
export function refusalOf({ status, body }: { readonly status: number; readonly body: string }): Refusal {
  const text = errorTextOf(body) ?? "";
  if (status === 413 || isContextError(text)) return "context";
  if (status !== 400) return null;
  if (/does not support tools/i.test(text)) return "no-tools";
  return /does not support thinking|think value/i.test(text) ? "no-thinking" : null;
}

/** Pure. The server's error in mid-stream, in a stream that began well. */
export function streamFailure(error: string): ServerFailure {
  return {
    reason: isContextError(error) ? "context-length-exceeded" : "provider-error",
    text: `the model's server gave up: ${error.split("\n", 1)[0]?.slice(0, 300)}`,
    isTransient: !isContextError(error),
    retryAfterSeconds: null,
    retryAt: null,
  };
}

/** Pure. A stream that closed, in good order, before the model's answer was at its end. */
export function unfinishedStream(malformedLines: number): ServerFailure {
  const noise = malformedLines > 0 ? `, with ${malformedLines} lines that are no JSON` : "";
  return {
    reason: "provider-error",
    text: `the model's server ended its answer before it was complete${noise}`,
    isTransient: true,
    retryAfterSeconds: null,
    retryAt: null,
  };
}

const isContextError = (text: string): boolean =>
  /context (length|size|window)|input length exceeds|prompt is too long|maximum context/i.test(text);

const isAboutModel = (text: string, model: string): boolean => text.includes(model) || /\bmodel\b/i.test(text);

function networkFailure({ how, message }: HttpAnswer & { readonly kind: "failed" }): ServerFailure {
  return {
    reason: "network-connection",
    text: how === "silent" ? `the model's server sent nothing for ${message}` : `the model's server: ${message}`,
    // Silence has cost its whole limit already.
    isTransient: how !== "silent",
    retryAfterSeconds: null,
    retryAt: null,
  };
}

/** `{"error":"…"}` as Ollama says it, or `{"error":{"message":"…"}}` as proxies do. */
function errorTextOf(body: string): string | null {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === "string") return error;
    const message = (error as { message?: unknown } | undefined)?.message;
    return typeof message === "string" ? message : null;
  } catch {
    return body.trim() === "" ? null : body.trim();
  }
}

/** Seconds, or a date; see RFC 9110, 10.2.3. */
function readRetryAfter(header: string | null): Pick<ServerFailure, "retryAfterSeconds" | "retryAt"> {
  const none = { retryAfterSeconds: null, retryAt: null };
  if (header === null) return none;
  if (/^\d{1,9}$/.test(header.trim())) return { ...none, retryAfterSeconds: Number(header) };
  const at = Date.parse(header);
  return Number.isNaN(at) ? none : { ...none, retryAt: new Date(at).toISOString() };
}
