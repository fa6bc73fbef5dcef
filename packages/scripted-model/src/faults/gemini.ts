import type { Api, FaultAnswer } from "../apis/api.ts";

const error = (code: number, status: string, message: string, details: readonly object[] = []): FaultAnswer => ({
  status: code,
  headers: {},
  body: { error: { code, message, status, ...(details.length === 0 ? {} : { details }) } },
});

const typed = (name: string, fields: object): object => ({
  "@type": `type.googleapis.com/google.rpc.${name}`,
  ...fields,
});

const exhausted = "You exceeded your current quota, please check your plan and billing details.";
export const geminiFault: Api["fault"] = (fault, asked, reset) => {
  switch (fault) {
    case "unauthorized":
      return error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", [
        typed("ErrorInfo", { reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED", domain: "googleapis.com" }),
      ]);
    case "rate-limited":
      return error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).");
    case "rate-limited-until":
      // Of a quota for a day the CLI keeps this to itself: see the corpus of limit texts for that one.
      return error(429, "RESOURCE_EXHAUSTED", `${exhausted} Please retry in ${reset.inSeconds}s.`, [
        typed("RetryInfo", { retryDelay: `${reset.inSeconds}s` }),
      ]);
    case "overloaded":
      return error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.");
    case "overflow":
      return error(
        400,
        "INVALID_ARGUMENT",
        "The input token count (1250000) exceeds the maximum number of tokens allowed (1048576).",
      );
    case "wrong-model":
      return error(
        404,
        "NOT_FOUND",
        `models/${asked.model} is not found for API version v1beta, or is not supported for generateContent.`,
      );
  }
};
