export * from "./backends/index.ts";
export * from "./prompt/index.ts";
export * from "./session/index.ts";
