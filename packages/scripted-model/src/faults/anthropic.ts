import type { Api, FaultAnswer } from "../apis/api.ts";

const error = (status: number, type: string, message: string, headers: Record<string, string> = {}): FaultAnswer => ({
  status,
  headers: { "request-id": "req_scripted", ...headers },
  body: { type: "error", error: { type, message }, request_id: "req_scripted" },
});

const tooMany = "This request would exceed your account's rate limit. Please try again later.";

export const anthropicFault: Api["fault"] = (fault, asked, reset) => {
  switch (fault) {
    case "unauthorized":
      return error(401, "authentication_error", "invalid x-api-key");
    case "rate-limited":
      return error(429, "rate_limit_error", tooMany);
    case "rate-limited-until": {
      const at = String(Math.floor(reset.at.getTime() / 1000));
      return error(429, "rate_limit_error", tooMany, {
        "retry-after": String(reset.inSeconds),
        "x-should-retry": "true",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": reset.at.toISOString(),
        // What a subscription is told.
        "anthropic-ratelimit-unified-status": "rejected",
        "anthropic-ratelimit-unified-reset": at,
        "anthropic-ratelimit-unified-representative-claim": "five_hour",
        "anthropic-ratelimit-unified-5h-reset": at,
        "anthropic-ratelimit-unified-overage-status": "rejected",
      });
    }
    case "overloaded":
      return error(529, "overloaded_error", "Overloaded");
    case "overflow":
      return error(400, "invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum");
    case "wrong-model":
      return error(404, "not_found_error", `model: ${asked.model}`);
  }
};
