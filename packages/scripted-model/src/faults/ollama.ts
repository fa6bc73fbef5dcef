import type { Api, FaultAnswer } from "../apis/api.ts";

const error = (status: number, message: string, headers: Record<string, string> = {}): FaultAnswer => ({
  status,
  headers,
  body: { error: message },
});

const usedUp = "you've reached your hourly usage limit, please upgrade to continue";

/** A server of one's own knows none of the first three; its vendor's cloud does. */
export const ollamaFault: Api["fault"] = (fault, asked, reset) => {
  switch (fault) {
    case "unauthorized":
      return error(401, "unauthorized");
    case "rate-limited":
      return error(429, usedUp);
    case "rate-limited-until":
      return error(429, usedUp, { "retry-after": String(reset.inSeconds) });
    case "overloaded":
      return error(503, "server busy, please try again. maximum pending requests exceeded");
    case "overflow":
      return error(400, "the input length exceeds the context length");
    case "wrong-model":
      return error(404, `model '${asked.model}' not found`);
  }
};
