export { storeProblems } from "@agent-control-plane/core";
export * from "./bundle-fixture.ts";
export * from "./child-program.ts";
export * from "./manual-clock.ts";
export * from "./temporary-store.ts";
