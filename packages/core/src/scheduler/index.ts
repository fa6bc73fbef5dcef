export { catchUp } from "./catch-up.ts";
export { Jobs } from "./jobs.ts";
export { KnownItems } from "./observe/known-items.ts";
export { type ObserveOptions, observe } from "./observe/observe.ts";
export { observeHost } from "./observe/observe-host.ts";
export type { Project } from "./project.ts";
export { Runtime, type RuntimeOptions, type RuntimeProject, type StopMode } from "./runtime.ts";
export { storeWithoutSecrets } from "./store-without-secrets.ts";
export { attend, planTick, type TickReport, tick } from "./tick.ts";
