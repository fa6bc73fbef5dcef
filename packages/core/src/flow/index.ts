export * from "./context/index.ts";
export * from "./mailbox/index.ts";
export * from "./plan/index.ts";
