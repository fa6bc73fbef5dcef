import { type Api, type FaultAnswer, type ResetTime, sse } from "../apis/api.ts";

const error = (
  status: number,
  fields: { readonly message: string; readonly type: string; readonly code?: string; readonly param?: string },
  headers: Record<string, string> = {},
): FaultAnswer => ({
  status,
  headers: { "x-request-id": "req_scripted", ...headers },
  body: { error: { param: null, code: null, ...fields } },
});

export const chatFault: Api["fault"] = (fault, asked, reset) => {
  switch (fault) {
    case "unauthorized":
      return error(401, {
        message: "Incorrect API key provided.",
        type: "invalid_request_error",
        code: "invalid_api_key",
      });
    case "rate-limited":
      return error(429, { message: "Rate limit reached.", type: "requests", code: "rate_limit_exceeded" });
    case "rate-limited-until":
      return limitedUntil(reset);
    case "overloaded":
      return error(503, {
        message: "The engine is currently overloaded, please try again later",
        type: "server_error",
      });
    case "overflow":
      return error(400, {
        message:
          "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
        type: "invalid_request_error",
        code: "context_length_exceeded",
        param: "messages",
      });
    case "wrong-model":
      return error(404, {
        message: `The model \`${asked.model}\` does not exist or you do not have access to it.`,
        type: "invalid_request_error",
        code: "model_not_found",
      });
  }
};

function limitedUntil({ inSeconds }: ResetTime): FaultAnswer {
  const pause = `${Math.floor(inSeconds / 60)}m${inSeconds % 60}s`;
  const message = `Rate limit reached. Please try again in ${pause}.`;
  const headers = {
    "retry-after": String(inSeconds),
    "retry-after-ms": String(inSeconds * 1000),
    "x-ratelimit-remaining-requests": "0",
    "x-ratelimit-reset-requests": pause,
  };
  return error(429, { message, type: "requests", code: "rate_limit_exceeded" }, headers);
}

/** The plan's limit is what a subscription is told; a full context is told in the stream. */
export const responsesFault: Api["fault"] = (fault, asked, reset) => {
  if (fault === "rate-limited-until") return planUsedUp(reset);
  const answer = chatFault(fault, asked, reset);
  if (fault !== "overflow") return answer;
  const message = "Your input exceeds the context window of this model. Please adjust your input and try again.";
  const response = {
    id: "resp_failed",
    object: "response",
    created_at: 0,
    status: "failed",
    model: asked.model,
    output: [],
    error: { code: "context_length_exceeded", message },
  };
  return { ...answer, frames: [sse({ type: "response.failed", response }, "response.failed")] };
};

function planUsedUp({ at, inSeconds }: ResetTime): FaultAnswer {
  const resetsAt = Math.floor(at.getTime() / 1000);
  return {
    status: 429,
    headers: { "x-request-id": "req_scripted", "retry-after": String(inSeconds) },
    body: {
      error: {
        type: "usage_limit_reached",
        message: "The usage limit has been reached",
        plan_type: "pro",
        resets_at: resetsAt,
        resets_in_seconds: inSeconds,
      },
    },
  };
}
