import { UserError } from "@agent-control-plane/core";
import { Document, parseDocument } from "yaml";
import { fateOf } from "./reference-keys.ts";

export interface Mapped {
  readonly id: string;
  /** The new control-plane.yaml. */
  readonly text: string;
  readonly carried: readonly { readonly from: string; readonly to: string; readonly note: string | null }[];
  readonly left: readonly { readonly key: string; readonly why: string }[];
  /** Where the reference kept its state, when the file says so. */
  readonly stateRoot: string | null;
  readonly agentRoot: string | null;
}

/** Pure: a profile of the reference system as one of ours. Throws `UserError` for a file that is no profile. */
export function mapReference(text: string, source: string): Mapped {
  const read = parseDocument(text, { logLevel: "error", uniqueKeys: false });
  const values: unknown = read.errors.length === 0 ? read.toJS({ maxAliasCount: 0 }) : null;
  if (typeof values !== "object" || values === null || !("id" in values) || !("repo" in values)) {
    const why = read.errors[0]?.message ?? "it has no id and no repo";
    throw new UserError(`${source} is not a profile of the reference system: ${why}.`);
  }
  const made = new Document({ id: String(values.id) });
  made.commentBefore = ` Made from ${source} by "acp import-reference".`;
  const carried: Mapped["carried"][number][] = [];
  const left: Mapped["left"][number][] = [];
  for (const { path, value } of leavesOf(values, [])) {
    const from = path.join(".");
    const fate = fateOf(path);
    if (value === "") continue; // an empty value meant none there, too
    if (fate === null) left.push({ key: from, why: "the reference knew no such key, either" });
    else if ("why" in fate) left.push({ key: from, why: fate.why });
    else {
      made.setIn(fate.to, fate.read(value));
      carried.push({ from, to: fate.to.join("."), note: fate.note ?? null });
    }
  }
  const pools = poolsOf(values);
  if (pools.length > 0)
    made.setIn(
      ["execution", "pools"],
      pools.map(({ entry }) => entry),
    );
  for (const { key, note } of pools) carried.push({ from: key, to: "execution.pools", note });
  const runtime = (values as { runtime?: Record<string, unknown> }).runtime ?? {};
  const textAt = (key: string) =>
    typeof runtime[key] === "string" && runtime[key] !== "" ? String(runtime[key]) : null;
  return {
    id: String(values.id),
    text: made.toString({ lineWidth: 0 }),
    carried,
    left: left.filter(({ key }) => !pools.some((pool) => key.startsWith(`${pool.key}.`))),
    stateRoot: textAt("state_root"),
    agentRoot: textAt("orchestrator_agent_root"),
  };
}

interface Pool {
  /** Where it stands in the reference's file. */
  readonly key: string;
  readonly entry: { readonly name: string; readonly coding_worker: string; readonly model?: string };
  readonly note: string | null;
}

/** In the order of `provider_pool_order`; one that is not named there was never used. */
function poolsOf(values: object): readonly Pool[] {
  const { execution } = values as { execution?: { provider_pool_order?: unknown; provider_pools?: unknown } };
  const pools = (execution?.provider_pools ?? {}) as Record<string, Record<string, unknown>>;
  return String(execution?.provider_pool_order ?? "")
    .split(/\s+/)
    .flatMap((name) => {
      const pool = pools[name];
      const worker = pool?.coding_worker;
      if (pool === undefined || typeof worker !== "string") return [];
      const model = (pool[worker] as { model?: unknown } | undefined)?.model;
      const note =
        worker === "codex" ? "its account was a profile of codex's own: give the entry its account and key" : null;
      const entry = { name, coding_worker: worker, ...(typeof model === "string" ? { model } : {}) };
      return [{ key: `execution.provider_pools.${name}`, entry, note }];
    });
}

function leavesOf(value: unknown, path: readonly string[]): readonly { path: readonly string[]; value: string }[] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, child]) => leavesOf(child, [...path, key]));
  }
  return [{ path, value: value === null || value === undefined ? "" : Array.isArray(value) ? "list" : String(value) }];
}
