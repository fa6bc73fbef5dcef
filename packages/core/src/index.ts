export * from "./clock.ts";
export * from "./decide/retry-delay.ts";
export * from "./domain/index.ts";
export * from "./errors.ts";
export * from "./ports.ts";
export { type OpenStore, openStore, type StoreOptions } from "./store/open-store.ts";
export { StoreFullError } from "./store/sqlite/explain-sqlite-error.ts";
export type * from "./store/store.ts";
export * from "./task-api.ts";
