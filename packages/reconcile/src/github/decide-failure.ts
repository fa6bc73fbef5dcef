import { ForgeError } from "@agent-control-plane/core";
import { isQuery } from "./graphql-url.ts";

/** One request as messages name it: no query, no credential. */
export interface RequestName {
  readonly method: string;
  readonly url: string;
  /** Where the token came from, for the message about a wrong one. */
  readonly tokenOrigin: string;
  /** Of GraphQL, where the method does not tell: whether it changes something. */
  readonly mutates?: boolean;
}

/** The error an answer with this status means, or null when it is a success (2xx or 304). Limits are decided before. */
export function decideFailure(request: RequestName, status: number, text: string): ForgeError | null {
  if ((status >= 200 && status < 300) || status === 304) return null;
  const what = named(request);
  const said = forgeSaid(text);
  if (status >= 500 || status === 408) {
    return new ForgeError("unreachable", `${what} failed: the forge answered ${status}${said}. Tried again later.`, {
      status,
      maybeApplied: isWrite(request),
    });
  }
  if (status === 404 || status === 410) {
    return new ForgeError(
      "gone",
      `${what} found nothing (${status}${said}). It was deleted, or the token from ${request.tokenOrigin} cannot see it.`,
      { status },
    );
  }
  return new ForgeError("refused", `${what} was refused (${status}${said}). ${advice(request, status)}`, { status });
}

/** The error of a request that got no complete answer. */
export function connectionFailure(request: RequestName, cause: unknown, timeoutMs: number): ForgeError {
  const code = errorCode(cause);
  const timedOut = cause instanceof Error && cause.name === "TimeoutError";
  const why = timedOut ? `no complete answer within ${timeoutMs} ms` : reason(cause, code);
  return new ForgeError(
    "unreachable",
    `${named(request)} failed: ${why}. Is ${new URL(request.url).origin} the right API URL, and is it up?`,
    { maybeApplied: isWrite(request) && !neverLeft.has(code), cause },
  );
}

/** A GraphQL query is sent by POST and reads, unless it is a mutation. */
export function isWrite({ method, url, mutates }: Pick<RequestName, "method" | "url" | "mutates">): boolean {
  return method !== "GET" && method !== "HEAD" && (!isQuery(url) || mutates === true);
}

// With these codes no connection was made, so nothing can have been applied.
const neverLeft: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

function advice(request: RequestName, status: number): string {
  if (status === 401) {
    return (
      `The token from ${request.tokenOrigin} is wrong, expired or revoked. Replace it there ` +
      "(looked for in this order: secrets file, GITHUB_TOKEN, GH_TOKEN, gh auth token)."
    );
  }
  if (status === 403) {
    return (
      `The token from ${request.tokenOrigin} lacks a permission: it needs read and write on contents, issues, pull ` +
      "requests and actions, and read on checks and commit statuses."
    );
  }
  if (status >= 300 && status < 400)
    return "It moved. Was the repository renamed? Put its present name into the profile.";
  return "Sending the same again would be refused again.";
}

function named(request: RequestName): string {
  return `${request.method} ${new URL(request.url).pathname}`;
}

/** The forge's own words, short, on one line and without control characters: they are printed on terminals. */
function forgeSaid(text: string): string {
  const message = messageOf(text)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, 300);
  return message ? `: ${message}` : "";
}

function messageOf(text: string): string {
  try {
    const body = JSON.parse(text) as { message?: unknown; errors?: unknown };
    const details = Array.isArray(body.errors) ? body.errors.map(detailOf).filter(Boolean).join("; ") : "";
    return [typeof body.message === "string" ? body.message : "", details].filter(Boolean).join(": ");
  } catch {
    return "";
  }
}

function detailOf(error: unknown): string {
  if (typeof error === "string") return error;
  const { message, field, code } = (error ?? {}) as { message?: unknown; field?: unknown; code?: unknown };
  if (typeof message === "string") return message;
  return [field, code].filter((part) => typeof part === "string").join(" ");
}

function errorCode(cause: unknown): string {
  for (let error = cause; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown };
    if (typeof code === "string") return code;
  }
  return "";
}

function reason(cause: unknown, code: string): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const message = inner instanceof Error && inner.message ? inner.message : "connection failed";
  return code && !message.includes(code) ? `${message} (${code})` : message;
}
