export { Jobs } from "./jobs.ts";
export { observe } from "./observe.ts";
export type { Project } from "./project.ts";
export { Runtime, type RuntimeOptions, type StopMode } from "./runtime.ts";
export { attend, type TickReport, tick } from "./tick.ts";
