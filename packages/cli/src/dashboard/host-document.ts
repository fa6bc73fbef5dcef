import type { RuntimeRow } from "@agent-control-plane/core";
import type { HostDocument, ShownRuntime } from "@agent-control-plane/dashboard";
import type { CliContext } from "../context.ts";
import { describeQuota } from "../quota/describe-quota.ts";
import { rulesOf } from "../runtime/rules-in-force.ts";
import { hostRulesKey } from "../runtime/rules-problem.ts";
import { allowancesOf } from "../runtime/told-allowances.ts";
import { packageVersion } from "../version.ts";
import type { SharedNow } from "./shared-rows.ts";

/** What is of no single profile: who runs, what cools down, which provider's limits hold. Null: nothing ever ran. */
export function hostDocument(
  { home, clock }: Pick<CliContext, "home" | "clock">,
  shared: SharedNow | null,
): HostDocument {
  const { runtimes = [], daemons = [], quotas = [], cooldowns = [], flows = [] } = shared ?? {};
  const alive = new Set(daemons.map(({ id }) => id));
  return {
    home,
    version: packageVersion(),
    runtimes: [...runtimes]
      .sort((a, b) => b.startedAt - a.startedAt)
      .map((row) => shownRuntime(row, alive.has(row.id))),
    hostRules: rulesOf(daemons, hostRulesKey),
    allowances: allowancesOf(daemons),
    flows,
    cooldowns,
    providers: quotas.map((quota) => describeQuota(quota, clock.now())),
  };
}

/** Its heartbeat is left out: it changes all the time, and whether it lives is what people want to know. */
const shownRuntime = (row: RuntimeRow, alive: boolean): ShownRuntime => {
  const { id, process, host, version, profileIds, startedAt, heartbeatAt, state } = row;
  const lastSeenAt = alive ? null : heartbeatAt;
  return { id, pid: process.pid, host, version, profileIds, startedAt, state, alive, lastSeenAt };
};
