import { UserError } from "@agent-control-plane/core";
import { actingPerson } from "../acting-person.ts";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { withStore, withStoreToRead } from "../store/with-store.ts";
import { type DescribedQuota, describeQuota, quotaInWords, servedBy } from "./describe-quota.ts";

interface Options {
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

export async function list(context: CliContext, { json }: Options): Promise<void> {
  const quotas = await read(context);
  if (json) return context.output.json({ quotas });
  if (quotas.length === 0) return context.output.print("no provider has a limit that a session met");
  const { bold } = context.output.style;
  const rows = quotas.map((each) => [each.scope, servedBy(each), each.reason, quotaInWords(each), String(each.hits)]);
  context.output.print(table([["SCOPE", "PROVIDER", "REASON", "HOLDS", "HITS"].map(bold), ...rows]));
}

/** Only our record of it goes: whether the provider serves again is seen when the next session asks. */
export async function clear(context: CliContext, scope: string, { json, dryRun }: Options): Promise<void> {
  const known = await read(context);
  const found = known.find((each) => each.scope === scope);
  if (!found) throw noSuch(scope, known);
  if (!dryRun) {
    const cleared = await withStore(context.home, (store) => store.quotas.clear(scope, actingPerson(context.env)));
    if (!cleared) throw noSuch(scope, []);
  }
  const status = dryRun ? "would-clear" : "cleared";
  if (json) return context.output.json({ status, quota: found });
  const said = `${found.scope}: ${found.reason} of ${servedBy(found)}, ${quotaInWords(found)}`;
  context.output.print(
    dryRun ? `would clear ${said}` : `cleared ${said}\nWhat waits for it alone starts with the next tick.`,
  );
}

async function read(context: CliContext): Promise<readonly DescribedQuota[]> {
  const quotas = await withStoreToRead(context.home, [], (store) => store.quotas.list());
  return quotas.map((quota) => describeQuota(quota, context.clock.now()));
}

function noSuch(scope: string, known: readonly DescribedQuota[]): UserError {
  const there = known.length === 0 ? "There is none." : `There are: ${known.map((each) => each.scope).join(", ")}.`;
  return new UserError(`No limit has the scope "${scope}". ${there} "acp quota list" shows them.`, { exitCode: 1 });
}
