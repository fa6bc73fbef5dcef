import { allowancesKey, type RuntimeRow } from "@agent-control-plane/core";
import type { Allowance } from "@agent-control-plane/dashboard";
import type { OpenProject } from "./open-project.ts";

/** What the gates of these profiles were told last, of each credential and resource once. */
export const allowancesOfGates = (open: readonly Pick<OpenProject, "gate">[]): readonly Allowance[] =>
  newest(
    open.flatMap(({ gate }) =>
      gate.allowances().map(({ resource, limit, remaining, resetAt, toldAt }) => ({
        ...{ credential: gate.credentialKey, resource, limit, left: remaining, resetsAt: resetAt, toldAt },
      })),
    ),
  );

/** What the daemons say in their rows. */
export const allowancesOf = (daemons: readonly Pick<RuntimeRow, "lastTick">[]): readonly Allowance[] =>
  newest(
    daemons.flatMap(({ lastTick }) => {
      const said = (lastTick as { readonly [key: string]: unknown } | null)?.[allowancesKey];
      return Array.isArray(said) ? (said as readonly Allowance[]) : [];
    }),
  );

function newest(told: readonly Allowance[]): readonly Allowance[] {
  const byKey = new Map<string, Allowance>();
  const keyOf = ({ credential, resource }: Allowance) => `${credential} ${resource}`;
  for (const each of told) if ((byKey.get(keyOf(each))?.toldAt ?? 0) <= each.toldAt) byKey.set(keyOf(each), each);
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}
