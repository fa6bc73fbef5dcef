export * from "./github/conditional-read.ts";
export * from "./github/credential.ts";
export * from "./github/gate.ts";
export type { RateBudget, SentRequest } from "./github/gated-fetch.ts";
export * from "./github/work-source.ts";
