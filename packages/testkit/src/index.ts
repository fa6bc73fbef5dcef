export * from "./bundle-fixture.ts";
export * from "./child-program.ts";
export * from "./manual-clock.ts";
export * from "./store-consistency.ts";
export * from "./temporary-store.ts";
