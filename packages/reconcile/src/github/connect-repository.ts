import type { Clock, ForgeCacheStore, WorkSource } from "@agent-control-plane/core";
import { createConditionalReader } from "./conditional-read.ts";
import { createForgeWrites, type ForgeWrites } from "./forge-writes.ts";
import type { Gate } from "./gate.ts";
import { createOperator, type Operator } from "./operator.ts";
import type { RepositoryName } from "./repository-name.ts";
import { createWorkSource } from "./work-source.ts";

/** Everything we can do with one repository, through one gate. */
export interface ConnectedRepository {
  readonly source: WorkSource;
  readonly writes: ForgeWrites;
  readonly operator: Operator;
}

/** Sends nothing yet. Repositories reached with one token share one gate, and with it its limits and turns. */
export function connectRepository(
  gate: Gate,
  name: RepositoryName,
  at: { readonly cache: ForgeCacheStore; readonly clock: Clock },
): ConnectedRepository {
  const writes = createForgeWrites(gate, name);
  const source = createWorkSource(gate, createConditionalReader({ gate, ...at }), name, writes.login);
  return { source, writes, operator: createOperator(gate, name) };
}
