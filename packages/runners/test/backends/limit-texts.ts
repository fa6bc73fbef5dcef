import type { FailureReason } from "@agent-control-plane/core";

/**
 * Error lines and error bodies as the programs and the vendors really give them, cut to the line itself; account names
 * and request ids are left out, and dates moved to about `corpusNow`. `resets` is what the text says at that moment.
 */
export interface LimitTextCase {
  readonly backend: "codex" | "claude" | "gemini" | "opencode" | "kilo" | "pi" | "ollama" | "openclaw" | "any";
  /** What hands the text on: a CLI's own error line, or the body or the headers of an API's answer. */
  readonly source: "cli" | "api" | "headers";
  readonly text: string;
  /** Null: no limit and no failure known by its words. */
  readonly reason: FailureReason | null;
  /** ISO; null or left out: the text names no time, or the reason does not end by itself. */
  readonly resets?: string | null;
}

/** A Saturday; 11:00 in Berlin, 05:00 in New York, 02:00 in Los Angeles. */
export const corpusNow = Date.parse("2026-11-21T10:00:00Z");
export const corpusZone = "Europe/Berlin";

export const limitTexts: readonly LimitTextCase[] = [
  ...casesOf("codex", "cli", "usage-limit", [
    [
      "You've hit your usage limit. Upgrade to Pro (https://openai.com/chatgpt/pricing) or try again in 5 days 22 hours 11 minutes.",
      "2026-11-27T08:11:00Z",
    ],
    ["You've hit your usage limit. Try again in 4 days 20 hours 9 minutes.", "2026-11-26T06:09:00Z"],
    ["You\u2019ve hit your usage limit. To get more access now, try again at 11:10 PM.", "2026-11-21T22:10:00Z"],
    ["You've hit your usage limit. Try again at 9:05 AM.", "2026-11-22T08:05:00Z"],
    [
      "You've hit your usage limit. Upgrade to Plus to continue using Codex (https://chatgpt.com/explore/plus), or try again at Nov 24th, 2026 1:36 PM.",
      "2026-11-24T12:36:00Z",
    ],
    [
      "You've hit your usage limit for GPT-5. Switch to another model now, or try again at Jan 5th, 2027 8:19 PM.",
      "2027-01-05T19:19:00Z",
    ],
    [
      "You've hit your usage limit. Upgrade to Pro (https://openai.com/chatgpt/pricing), or wait for limits to reset (every 5h and every week.).",
      null,
    ],
    [
      '{"error":{"type":"usage_limit_reached","message":"The usage limit has been reached","plan_type":"plus","resets_at":1795266000}}',
      "2026-11-21T13:00:00Z",
    ],
    ['{"error":{"type":"usage_limit_reached","resets_in_seconds":5400}}', "2026-11-21T11:30:00Z"],
  ]),
  ...casesOf("codex", "cli", "provider-quota-limit", [
    ["Quota exceeded. Check your plan and billing details.", null],
    ["exceeded retry limit, last status: 429 Too Many Requests", null],
    [
      "stream disconnected before completion: Rate limit reached for gpt-5 in organization org-x on tokens per min (TPM): Limit 30000, Used 22999, Requested 12528. Please try again in 11.054s. Visit https://platform.openai.com/account/rate-limits to learn more.",
      "2026-11-21T10:00:11.054Z",
    ],
  ]),
  ...casesOf("codex", "cli", "auth-401", [
    ["unexpected status 401 Unauthorized: Missing bearer or basic authentication in header", null],
    [
      "Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.",
      null,
    ],
    [
      "Failed to refresh token: 401 Unauthorized: Your refresh token has already been used to generate a new access token.",
      null,
    ],
  ]),
  ...casesOf("codex", "cli", "model-unavailable", [
    ["Selected model is at capacity. Please try a different model.", null],
    [
      `{"type":"error","status":400,"error":{"type":"invalid_request_error","message":"The 'gpt-5.3-codex' model is not supported when using Codex with a ChatGPT account."}}`,
      null,
    ],
    [
      "stream disconnected before completion: The model `gpt-5.3-codex` does not exist or you do not have access to it.",
      null,
    ],
  ]),
  ...casesOf("codex", "cli", "context-length-exceeded", [
    [
      "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying.",
      null,
    ],
    ["Your input exceeds the context window of this model. Please adjust your input and try again.", null],
  ]),
  ...casesOf("codex", "cli", "network-connection", [
    [
      "stream disconnected before completion: error sending request for url (https://api.openai.com/v1/responses)",
      null,
    ],
    ["Reconnecting... 1/5 (waiting for network)", null],
  ]),
  ...casesOf("codex", "cli", "account-banned", [
    ['{"error":{"code":"account_deactivated","message":"Your OpenAI account has been deactivated."}}', null],
  ]),

  ...casesOf("claude", "cli", "usage-limit", [
    ["Claude AI usage limit reached|1795273200", "2026-11-21T15:00:00Z"],
    ["Claude usage limit reached. Your limit will reset at 3pm (America/Santiago).", "2026-11-21T18:00:00Z"],
    ["Claude usage limit reached. Your limit will reset at 12am.", "2026-11-21T23:00:00Z"],
    ["Claude usage limit reached. Your limit will reset at 1pm (Etc/GMT+5).", "2026-11-21T18:00:00Z"],
    ["5-hour limit reached \u2219 resets 3pm", "2026-11-21T14:00:00Z"],
    ["Weekly limit reached \u2219 resets Mon 9am", "2026-11-23T08:00:00Z"],
    ["Opus weekly limit reached \u2219 resets Nov 26, 1pm", "2026-11-26T12:00:00Z"],
    ["You've hit your limit \u00b7 resets 11pm (America/Anchorage)", "2026-11-22T08:00:00Z"],
    ["You've hit your session limit \u00b7 resets 12:50am (America/Los_Angeles)", "2026-11-22T08:50:00Z"],
    ["You've hit your session limit \u00b7 resets 8:30pm (Asia/Tokyo)", "2026-11-21T11:30:00Z"],
    ["You've hit your limit \u00b7 resets 6:30pm (Asia/Calcutta)", "2026-11-21T13:00:00Z"],
    ["You've hit your limit \u00b7 resets Apr 10 at 7am (America/Chicago)", "2027-04-10T12:00:00Z"],
    ["You've hit your weekly limit \u00b7 resets Nov 30 at 7pm", "2026-11-30T18:00:00Z"],
    ["You've hit your weekly limit \u00b7 resets Nov 27, 2am (UTC)", "2026-11-27T02:00:00Z"],
    // The time it names is over: nothing to wait for, and surely not a day.
    ["You've hit your limit \u00b7 resets 10:58am", null],
    ["You're out of extra usage \u00b7 resets 6pm (Europe/London)", "2026-11-21T18:00:00Z"],
  ]),
  ...casesOf("claude", "api", "usage-limit", [
    [
      `API Error: 400 {"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."}}`,
      "2026-12-01T00:00:00Z",
    ],
  ]),
  ...casesOf("claude", "api", "provider-quota-limit", [
    [
      `429 {"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your account's rate limit. Please try again later."}}`,
      null,
    ],
    [
      '429 {"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed the rate limit for your organization of 20,000 input tokens per minute."}}',
      null,
    ],
    [
      'API Error: 400 {"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}}',
      null,
    ],
    ["Credit balance is too low", null],
  ]),
  ...casesOf("claude", "headers", "provider-quota-limit", [
    ["429 Too Many Requests; retry-after: 3600", "2026-11-21T11:00:00Z"],
    ["429; retry-after: Sat, 21 Nov 2026 10:07:30 GMT", "2026-11-21T10:07:30Z"],
    ["429; anthropic-ratelimit-unified-reset: 1795273200", "2026-11-21T15:00:00Z"],
    ["status: 429, anthropic-ratelimit-requests-reset: 2026-11-21T10:01:05Z", "2026-11-21T10:01:05Z"],
  ]),
  ...casesOf("claude", "api", "provider-error", [
    ['API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', null],
    ["API Error: 529 Overloaded. This is a server-side issue, usually temporary \u2014 try again in a moment.", null],
    ['API Error: 500 {"type":"error","error":{"type":"api_error","message":"Internal server error"}}', null],
  ]),
  ...casesOf("claude", "api", "context-length-exceeded", [
    ["prompt is too long: 202095 tokens > 200000 maximum", null],
    ["input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000", null],
    ["Prompt is too long", null],
  ]),
  ...casesOf("claude", "api", "auth-401", [
    ['401 {"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}', null],
    ["Invalid API key \u00b7 Fix external API key", null],
    [
      'API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"OAuth token has expired. Please obtain a new token or refresh your existing token."}} \u00b7 Please run /login',
      null,
    ],
    ["OAuth token revoked \u00b7 Please run /login", null],
  ]),
  ...casesOf("claude", "api", "auth-failure", [
    ["Not logged in \u00b7 Please run /login", null],
    ["Your account does not have access to Claude Code. Please run /login.", null],
  ]),
  ...casesOf("claude", "api", "account-banned", [
    ["API Error: 400 This organization has been disabled.", null],
    ["Your account has been disabled after an automatic review of your recent activities.", null],
  ]),
  ...casesOf("claude", "api", "model-unavailable", [
    ['404 {"type":"error","error":{"type":"not_found_error","message":"model: claude-sonnet-4-9"}}', null],
    [
      "There's an issue with the selected model (claude-nope). It may not exist or you may not have access to it.",
      null,
    ],
  ]),
  ...casesOf("claude", "cli", "network-connection", [
    ["API Error: Connection error.", null],
    ["API Error: Unable to connect to API (ECONNREFUSED)", null],
    ["API Error: Request timed out.", null],
  ]),

  ...casesOf("gemini", "cli", "provider-quota-limit", [
    ["You have exhausted your capacity on this model. Your quota will reset after 8h44m7s.", "2026-11-21T18:44:07Z"],
    [
      "Attempt 1 failed: You have exhausted your capacity on this model. Your quota will reset after 5s.. Retrying after 6173ms...",
      "2026-11-21T10:00:05Z",
    ],
    ["[API Error: You have exhausted your daily quota on this model.]", "2026-11-22T08:00:00Z"],
    ["[API Error: Rate limit exceeded; retry after 3600s]", "2026-11-21T11:00:00Z"],
    [
      String.raw`[API Error: {"error":{"message":"{\n  \"error\": {\n    \"code\": 429,\n    \"message\": \"Resource has been exhausted (e.g. check quota).\",\n    \"status\": \"RESOURCE_EXHAUSTED\"\n  }\n}\n","code":429,"status":"Too Many Requests"}}]`,
      null,
    ],
  ]),
  ...casesOf("gemini", "api", "provider-quota-limit", [
    [
      "You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 0, model: gemini-2.5-pro Please retry in 25.465784708s.",
      "2026-11-21T10:00:25.465Z",
    ],
    [
      '{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.07s"}]}}',
      "2026-11-21T10:00:34.070Z",
    ],
    // The delay is of seconds, and the quota is of the day.
    [
      '{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier","quotaValue":"50"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}]}}',
      "2026-11-22T08:00:00Z",
    ],
  ]),
  ...casesOf("gemini", "api", "auth-401", [
    [
      '{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}',
      null,
    ],
  ]),
  ...casesOf("gemini", "cli", "auth-failure", [["Invalid auth method selected.", null]]),
  ...casesOf("gemini", "api", "account-banned", [
    ["403 This service has been disabled in this account for violation of Terms of Service.", null],
  ]),
  ...casesOf("gemini", "api", "context-length-exceeded", [
    ["The input token count (1194029) exceeds the maximum number of tokens allowed (1048576).", null],
  ]),
  ...casesOf("gemini", "api", "provider-error", [
    [
      '{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}',
      null,
    ],
    ["We are currently experiencing high demand.", null],
    ['{"error":{"code":500,"message":"An internal error has occurred. Please retry.","status":"INTERNAL"}}', null],
  ]),
  ...casesOf("gemini", "api", "model-unavailable", [
    ["No capacity available for model gemini-3-flash-preview on the server", null],
    ["models/gemini-9-pro is not found for API version v1beta, or is not supported for generateContent.", null],
  ]),

  ...casesOf("opencode", "cli", "usage-limit", [
    [
      "Free usage exceeded, add credits https://opencode.ai/zen [retrying in 32m 50s attempt #1]",
      "2026-11-21T10:32:50Z",
    ],
    [
      "Free usage exceeded, add credits https://opencode.ai/zen [retrying in 17h 42m attempt #1]",
      "2026-11-22T03:42:00Z",
    ],
    [
      '{"statusCode":429,"error":{"type":"FreeUsageLimitError","message":"Free usage exceeded, subscribe to Go"}}',
      null,
    ],
  ]),
  ...casesOf("opencode", "cli", "provider-quota-limit", [
    ["AI_RetryError: Failed after 3 attempts. Last error: Too Many Requests", null],
    [
      'AI_APICallError: {"type":"error","error":{"type":"CreditsError","message":"Insufficient balance. Manage your billing here"}}',
      null,
    ],
    [
      "402 Prompt tokens limit exceeded: 36163 > 29652. To increase, visit https://openrouter.ai/settings/credits",
      null,
    ],
  ]),
  ...casesOf("opencode", "cli", "model-unavailable", [["ProviderModelNotFoundError: fake/nope", null]]),
  ...casesOf("opencode", "cli", "context-length-exceeded", [
    ['{"name":"ContextOverflowError","data":{"message":"Input exceeds context window of this model"}}', null],
  ]),
  ...casesOf("kilo", "cli", "provider-quota-limit", [
    ["Paid Model - Credits Required", null],
    ["Insufficient credits. Add credits to continue using paid models.", null],
  ]),

  ...casesOf("pi", "cli", "provider-quota-limit", [
    [
      'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day {"headers":{"X-RateLimit-Limit":"50","X-RateLimit-Remaining":"0","X-RateLimit-Reset":"1795305600000"}}',
      "2026-11-22T00:00:00Z",
    ],
    [
      '429 {"error":{"message":"Rate limit exceeded: free-models-per-day-high-balance.","type":"rate_limit_error","code":"429"}}',
      null,
    ],
    [
      "This request requires more credits, or fewer max_tokens. You requested up to 32000 tokens, but can only afford 0.",
      null,
    ],
    [
      "429 Rate limit reached for model `llama-3.3-70b-versatile` service tier `on_demand` on tokens per day (TPD): Limit 100000, Used 97050, Requested 3619. Please try again in 9m38.016s.",
      "2026-11-21T10:09:38.016Z",
    ],
    ["Tokens per minute limit exceeded - too many tokens processed.", null],
    ['429 {"error":{"code":"1302","message":"High concurrency usage of this API, please reduce concurrency"}}', null],
  ]),
  ...casesOf("pi", "api", "usage-limit", [
    [
      '{"error":{"code":"1308","message":"Usage limit reached for 5 hour. Your limit will reset at 2026-11-22 01:38:28"}}',
      "2026-11-21T17:38:28Z",
    ],
    [
      "HTTP 429: usage limit exceeded, 5-hour usage limit reached for Token Plan Starter (0/0 used), resets at 2026-11-21T15:00:00Z (2056)",
      "2026-11-21T15:00:00Z",
    ],
    ["402 You have exceeded your premium request allowance.", null],
    ['402 {"error":{"message":"You have no quota","code":"quota_exceeded"}}', null],
  ]),
  ...casesOf("pi", "api", "auth-401", [
    ['401 {"error":{"message":"No auth credentials found","code":401}}', null],
    [
      "401 Incorrect API key provided: sk-test. You can find your API key at https://platform.openai.com/account/api-keys.",
      null,
    ],
  ]),
  ...casesOf("pi", "api", "context-length-exceeded", [
    [
      "400 This model's maximum context length is 128000 tokens. However, your messages resulted in 192871 tokens. Please reduce the length of the messages.",
      null,
    ],
    [
      "429 Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 31538. The input or output tokens must be reduced in order to run successfully.",
      null,
    ],
  ]),
  ...casesOf("pi", "headers", "provider-quota-limit", [
    ["429 Too Many Requests x-ratelimit-reset-requests: 6m0s x-ratelimit-reset-tokens: 20ms", "2026-11-21T10:06:00Z"],
    ['{"statusCode":429,"responseHeaders":{"retry-after-ms":"1500","retry-after":"2"}}', "2026-11-21T10:00:01.500Z"],
    ["429 reset_requests: 6m0s", "2026-11-21T10:06:00Z"],
  ]),
  ...casesOf("pi", "cli", "provider-quota-limit", [
    [
      "Sorry, you've exceeded your rate limits. Please review our Terms of Service. Error Code: user_global_rate_limited:pro",
      null,
    ],
    ["You've hit your global rate limit. Please upgrade your plan or wait for your limit to reset.", null],
    ["You exceeded your current quota, please check your plan and billing details. (insufficient_quota)", null],
    ["Rate limited, wait 20 seconds before the next request", "2026-11-21T10:00:20Z"],
  ]),

  ...casesOf("ollama", "api", "usage-limit", [
    ["you've reached your hourly usage limit, please wait or upgrade to continue", null],
    [
      "you (someone) have reached your session usage limit, upgrade for higher limits: https://ollama.com/upgrade",
      null,
    ],
    ["429 Too Many Requests: you've reached your weekly usage limit, please wait or upgrade to continue", null],
  ]),
  ...casesOf("ollama", "api", "model-unavailable", [
    [`{"error":"model 'x' not found"}`, null],
    ['model "qwen9:72b" not found, try pulling it first', null],
  ]),
  ...casesOf("ollama", "api", "network-connection", [["TypeError: fetch failed", null]]),
  ...casesOf("ollama", "api", "auth-401", [['{"error":"unauthorized"}', null]]),
  ...casesOf("openclaw", "cli", "model-unavailable", [["Unknown model: anthropic/claude-nope", null]]),
  ...casesOf("openclaw", "cli", "auth-failure", [['No API key found for provider "anthropic".', null]]),
  ...casesOf("any", "api", "provider-error", [
    ["502 Bad Gateway", null],
    ["503 Service Unavailable; retry-after: 120", "2026-11-21T10:02:00Z"],
  ]),
  ...casesOf("any", "api", "auth-failure", [["403 Forbidden", null]]),
];

/** They look like limits and are none. */
export const nearMisses: readonly LimitTextCase[] = casesOf("any", "cli", null, [
  ["Approaching usage limit \u00b7 resets at 7pm", null],
  ["You've used 92% of your weekly limit \u00b7 resets Nov 26, 1pm", null],
  ["Model metadata for `fake-model` not found. Defaulting to fallback metadata; this can degrade performance.", null],
  ["wrote 429 lines to hello.txt", null],
  ["the tool ended with exit code 1", null],
  ["error: 401 files changed", null],
  ["DeprecationWarning: The `punycode` module is deprecated.", null],
  ["Refusing to create helper binaries under temporary dir", null],
  ["maximum number of turns (20) reached", null],
  ["Command timed out after 120000 ms", null],
  ["", null],
  ["npm warn deprecated inflight@1.0.6: This module is not supported", null],
]);

function casesOf(
  backend: LimitTextCase["backend"],
  source: LimitTextCase["source"],
  reason: FailureReason | null,
  texts: readonly (readonly [text: string, resets: string | null])[],
): LimitTextCase[] {
  return texts.map(([text, resets]) => ({ backend, source, text, reason, resets }));
}
