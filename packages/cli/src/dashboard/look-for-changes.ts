import type { Store } from "@agent-control-plane/core";
import { readSharedRows, type SharedRows } from "./shared-rows.ts";

/** More events than that since the last look say no more than that much has happened. */
const mostEvents = 1_000;

/** What has been written since the last look. */
export interface Change {
  /** Profiles of which the log says so. */
  readonly named: ReadonlySet<string>;
  /** So much that it may be any. */
  readonly isAnything: boolean;
  /** Raised whenever anything was written, also what the log does not tell of. */
  readonly moves: number;
  readonly shared: SharedRows;
}

/**
 * Looks what became of one store. When nothing was written since, it costs one number of the database; otherwise the log
 * says which profiles have to be read again, and what all share is read once.
 */
export class ChangesOfStore {
  readonly #store: Store;
  #revision = -1;
  #seq = -1;
  #moves = 0;
  #shared: SharedRows | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  async look(): Promise<Change> {
    const { events, maintenance } = this.#store;
    const revision = await maintenance.revision();
    if (this.#shared && revision === this.#revision)
      return { named: new Set(), isAnything: false, moves: this.#moves, shared: this.#shared };
    this.#revision = revision;
    this.#moves += 1;
    const isFirst = this.#shared === null;
    const latest = isFirst ? await events.latest(1) : await events.list({ afterSeq: this.#seq, limit: mostEvents });
    this.#seq = latest.at(-1)?.seq ?? Math.max(0, this.#seq);
    const named = new Set(latest.flatMap(({ profileId }) => profileId ?? []));
    const isAnything = isFirst || latest.length >= mostEvents;
    const isOfFlows = isAnything || [...named].some((id) => id.startsWith("flow:"));
    this.#shared = await readSharedRows(this.#store, isOfFlows ? null : (this.#shared?.flows ?? null));
    return { named, isAnything, moves: this.#moves, shared: this.#shared };
  }
}
