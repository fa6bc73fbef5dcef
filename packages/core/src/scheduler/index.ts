export { catchUp } from "./catch-up.ts";
export { Jobs } from "./jobs.ts";
export { type Bounds, keepWithinBounds, type Removed, wouldRemove } from "./keep-within-bounds.ts";
export { KnownItems } from "./observe/known-items.ts";
export { type ObserveOptions, observe } from "./observe/observe.ts";
export { observeHost } from "./observe/observe-host.ts";
export type { Project } from "./project.ts";
export { Runtime, type RuntimeOptions, type RuntimeProject, type StopMode } from "./runtime.ts";
export { attend, planTick, type TickReport, tick } from "./tick.ts";
