import type { FailureReason, Instant } from "@agent-control-plane/core";
import { asNumber, asObject, asText, type Fields } from "./json-line.ts";
import { readLimitText, resetIn } from "./limit-text.ts";

/** Pure. The reason in an `error` event: by its name, then by the status and the body of the answer it came from. */
export function classifyOpencodeError(error: Fields, now: Instant): FailureReason {
  const name = asText(error.name) ?? "";
  const known = reasonsByName[name];
  if (known) return known;
  const data = asObject(error.data) ?? {};
  const status = asNumber(data.statusCode);
  if (status === 401) return "auth-401";
  const said = readLimitText(textOf(data), now)?.reason;
  if (said) return said;
  if (status !== null) return reasonOfStatus(status);
  if (/^(JSON parsing|Type validation) failed/.test(asText(data.message) ?? "")) return "provider-error";
  return data.isRetryable === true ? "network-connection" : "worker-exit-failed";
}

/** Pure. When the limit ends: `retry-after` of the answer, else what its text says. */
export function resetOfOpencodeError(error: Fields, now: Instant): ReturnType<typeof resetIn> {
  const data = asObject(error.data) ?? {};
  const headers = asObject(data.responseHeaders) ?? {};
  const ms = Number(asText(headers["retry-after-ms"]) ?? Number.NaN);
  if (ms > 0) return { retryAt: now + ms };
  const after = asText(headers["retry-after"]) ?? "";
  if (Number(after) > 0) return { retryAt: now + Number(after) * 1000 };
  const date = Date.parse(after);
  return date > now ? { retryAt: date } : resetIn(readLimitText(textOf(data), now));
}

const textOf = (data: Fields): string => `${asText(data.message) ?? ""} ${asText(data.responseBody) ?? ""}`;

const reasonsByName: { readonly [name: string]: FailureReason } = {
  ContextOverflowError: "context-length-exceeded",
  MessageOutputLengthError: "turn-limit",
  ProviderAuthError: "auth-failure",
  ProviderModelNotFoundError: "model-unavailable",
};

function reasonOfStatus(status: number): FailureReason {
  if (status === 403) return "auth-failure";
  if (status === 402 || status === 429) return "provider-quota-limit";
  if (status === 404) return "model-unavailable";
  if (status === 413) return "context-length-exceeded";
  return status >= 500 ? "provider-error" : "worker-exit-failed";
}
