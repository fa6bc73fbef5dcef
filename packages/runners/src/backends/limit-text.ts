import type { FailureReason, Instant, NamedLimit } from "@agent-control-plane/core";
import { readResetTime } from "./reset-time.ts";

export interface LimitText {
  readonly reason: FailureReason;
  /** When the limit ends; null when the text does not say, or when waiting would not help. */
  readonly retryAt: Instant | null;
  /** Which of the provider's limits it is, where the text says so. */
  readonly limit?: NamedLimit;
}

/**
 * Pure. What an error text of a CLI or of a vendor's API says: the reason, and when a limit ends. Only for error lines
 * and error bodies, never for a transcript: an agent may write any of these words. Null for every other text.
 */
export function readLimitText(
  text: string,
  now: Instant,
  options: {
    /** Of clocks without a zone; this machine's by default, as the CLIs print them. */ timeZone?: string;
  } = {},
): LimitText | null {
  const plain = plainText(text);
  if (isWarning.test(plain)) return null;
  const reason = reasonOf(plain);
  if (reason === null) return null;
  if (!endsByItself.has(reason)) return { reason, retryAt: null };
  const timeZone = options.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const window = windows.find(([words]) => words.test(plain))?.[1];
  const limit = window === undefined ? {} : { limit: { window, isOfModel: ofOneModel.test(plain) } };
  return { reason, retryAt: readResetTime(plain, now, timeZone), ...limit };
}

/** Pure. What an ending says of that time: a text's is not as sure as a field's. */
export function resetIn(said: LimitText | null): LimitEnd {
  const limit = said?.limit === undefined ? {} : { limit: said.limit };
  return said?.retryAt == null ? { retryAt: null, ...limit } : { retryAt: said.retryAt, retrySource: "text", ...limit };
}

interface LimitEnd {
  readonly retryAt: Instant | null;
  readonly retrySource?: "text";
  readonly limit?: NamedLimit;
}

/** What the vendors call them; claude's "session" is five hours long. */
const windows: readonly (readonly [RegExp, NamedLimit["window"]])[] = [
  [/\bweekly (?:\w+ )?(?:limit|quota)|\b(?:seven_day|7[- ]day)|\bper week\b/i, "weekly"],
  [/\b(?:5|five)[-_ ]?h(?:our)?\b|\bsession limit/i, "five-hour"],
  [/\bdaily (?:\w+ )?(?:limit|quota)|\b(?:requests|tokens) per day\b/i, "daily"],
  [/\bmonthly (?:\w+ )?(?:limit|quota)/i, "monthly"],
];

const ofOneModel = /\b(?:opus|sonnet|haiku) (?:weekly )?limit/i;

/** An error body inside an error body has its quotes escaped, once or twice. */
function plainText(text: string): string {
  return text
    .slice(0, 20_000)
    .replaceAll(/\\+"/g, '"')
    .replaceAll(/\\+n|\s+/g, " ")
    .replaceAll(/[\u2018\u2019]/g, "'");
}

/** What the CLIs say and go on working: that a limit is near, that they know little of a model. */
const isWarning =
  /\b(?:approaching|nearing|close to) (?:\w+ ){0,5}limit|used \d+% of|\d+% of (?:your|the) [\w -]*limit|^model metadata for/i;

const endsByItself: ReadonlySet<FailureReason> = new Set(["usage-limit", "provider-quota-limit", "provider-error"]);

function reasonOf(text: string): FailureReason | null {
  const byWords = reasonsByWords.find(([words]) => words.test(text))?.[1];
  if (byWords) return byWords;
  const status = statusOf(text);
  return status === null ? null : reasonOfStatus(status);
}

/** The first that fits counts: what asks for the more special help stands first. */
const reasonsByWords: readonly (readonly [RegExp, FailureReason])[] = [
  [
    anyOf(
      "context_length_exceeded|ContextOverflowError|model_context_window_exceeded",
      "prompt (?:is )?too long|input (?:is|was) too long for|request_too_large",
      "maximum context length|maximum number of tokens allowed|exceeded model token limit",
      "exceed\\w* (?:the |your )?(?:available |model'?s? |maximum )*context|out of room in the model's context window",
      "context (?:window|size|length) (?:has been |was |is )?exceeded|(?:messages|prompt) exceeds? (?:the )?context",
      "request too large for .*tokens per min|reduce the length of the (?:messages|prompt|input)",
    ),
    "context-length-exceeded",
  ],
  [
    anyOf(
      "account_deactivated|deactivated_workspace|account (?:has been|was|is|has) (?:been )?(?:disabled?|suspended|banned|deactivated|terminated)",
      "organization has been (?:disabled|suspended)|has been suspended|disabled in this account for violation",
    ),
    "account-banned",
  ],
  [
    anyOf(
      "usage_limit_reached|usage_not_included|FreeUsageLimitError|free usage exceeded|out of extra usage",
      "(?:hit|reached|exceeded) your (?:(?!rate)[\\w'-]+ ){0,4}(?:usage )?limit|(?<!rate )limit (?:reached|exhausted)\\b(?! for)",
      "usage (?:limit|cap|quota) (?:reached|exceeded)|exceeded your premium request|you have no quota|out of premium requests",
    ),
    "usage-limit",
  ],
  [
    anyOf(
      "insufficient_quota|rate_limit(?:_exceeded|_error)?\\b|rateLimitExceeded|RESOURCE_EXHAUSTED|billing_(?:error|hard_limit_reached)|quota_exceeded",
      "rate[ -]limit(?:s|ed)? (?:reached|exceeded|hit)|rate[ -]limited|exceed(?:ed)? (?:your|the) (?:[\\w']+ ){0,3}rate limits?|hit your (?:\\w+ )?rate limit",
      "too many requests|quota (?:was |has been )?exceeded|exceeded your (?:current|monthly|daily) (?:quota|limit|budget)|resource (?:has been )?exhausted",
      "exhausted your (?:capacity|daily quota|quota)|(?:tokens|requests) per (?:minute|min|day|hour) limit|concurrency (?:usage|limit)",
      "credit balance is too low|insufficient (?:credits?|balance|funds)|requires more credits|credits? required|out of credits|no credits|add credits",
      "payment required|key limit exceeded|tokens limit exceeded|spend(?:ing)? limit|check (?:your )?(?:plan and )?billing",
    ),
    "provider-quota-limit",
  ],
  [
    anyOf(
      "model_not_found|ModelNotFoundError|not_found_error.{0,40}model|unknown model|invalid model|not a valid model",
      "models?\\b.{0,80}(?:not found|does not exist|is not (?:supported|available|found)|not available|has been (?:retired|deprecated))",
      "at capacity|no capacity available for model|no endpoints found for|issue with the selected model",
    ),
    "model-unavailable",
  ],
  [
    anyOf(
      "authentication_error|invalid_api_key|API_KEY_INVALID|UNAUTHENTICATED|token_(?:expired|invalidated|revoked)|unauthori[sz]ed",
      "(?:invalid|incorrect) (?:x-)?api[ -]key|api key (?:is )?(?:not valid|invalid|expired)|no auth credentials|missing bearer",
      "invalid (?:authentication credentials|bearer token)|OAuth token (?:has )?(?:been )?(?:expired|revoked)|could not be refreshed|refresh token",
    ),
    "auth-401",
  ],
  [
    anyOf(
      "permission_error|permission_denied|forbidden|unsupported_country|invalid auth method|does not have access to",
      "not logged in|run \\/login|(?:log|sign) in again|please (?:log|sign) in|login (?:required|expired)",
      "(?:no|missing) api key|api key (?:is )?(?:missing|required|not (?:found|set))|could not find .*credentials",
    ),
    "auth-failure",
  ],
  [
    anyOf(
      "overloaded|internal[ _]server[ _]error|internal error (?:has )?(?:occurred|encountered)|\\bapi_error\\b|\\bserver_error\\b",
      'service (?:is |temporarily )*unavailable|bad gateway|gateway time-?out|server had an error|high demand|"UNAVAILABLE"',
    ),
    "provider-error",
  ],
  [
    anyOf(
      "ECONN(?:REFUSED|RESET|ABORTED)|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|UND_ERR_\\w+|getaddrinfo",
      "fetch failed|socket hang up|network (?:error|is unreachable)|error sending request|stream disconnected|unable to connect|cannot connect to API",
      "connection (?:error|refused|reset|closed|timed out|lost)|(?:request|connect|read) timed out|dns error|waiting for network",
    ),
    "network-connection",
  ],
];

function anyOf(...words: readonly string[]): RegExp {
  return new RegExp(words.join("|"), "i");
}

/** A number counts as a status only where it is called one. */
function statusOf(text: string): number | null {
  const said =
    /(?:^|\b(?:status(?:_?code)?|http|error|code)\b["':=\s(]*)([45]\d\d)\b(?!\s*(?:ms|s|lines|tokens|files|bytes)\b)/i;
  const found = said.exec(text)?.[1];
  return found ? Number(found) : null;
}

function reasonOfStatus(status: number): FailureReason | null {
  if (status === 401) return "auth-401";
  if (status === 403) return "auth-failure";
  if (status === 402 || status === 429) return "provider-quota-limit";
  if (status === 408) return "network-connection";
  return status >= 500 ? "provider-error" : null;
}
