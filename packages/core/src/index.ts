export * from "./clock.ts";
export * from "./domain/index.ts";
export * from "./errors.ts";
export * from "./ports.ts";
export * from "./profile/index.ts";
export type * from "./store/store.ts";
