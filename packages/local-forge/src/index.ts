export { connectForgeAdmin, createForgeAdminClient, type ForgeAdminClient } from "./admin-client.ts";
export type { Administration, NewRepository } from "./administration.ts";
export type { Exchange } from "./http/api.ts";
export type { ForgeCounters, LoggedRequest, RouteCounts } from "./http/counters.ts";
export type { Fault, FaultMatcher, Faults } from "./http/faults.ts";
export type { CheckState, WantedChecks } from "./set-checks.ts";
export { type LocalForge, type LocalForgeOptions, startLocalForge } from "./start.ts";
export type { TokenScope } from "./storage/accounts.ts";
export type { Permission } from "./storage/repositories.ts";
