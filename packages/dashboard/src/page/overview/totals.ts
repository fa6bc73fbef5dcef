import type { Allowance, ProfileDocument } from "../../documents/index.ts";
import { type Board, readable } from "../board.ts";
import { itemsOf } from "../items.ts";

/** The whole host in a few numbers. */
export interface Totals {
  readonly running: number;
  /** Sessions that there may be; null: some profile has no bound of its own. */
  readonly room: number | null;
  readonly waiting: number;
  readonly asking: number;
  readonly published: { readonly [kind: string]: number };
  readonly usd: number;
  /** What the profiles may spend today; null: some profile has no bound. */
  readonly usdLimit: number | null;
  readonly tokens: number;
  readonly failedWrites: number;
  /** The one that the product lives on; where several credentials have it, the one of which the smallest part is left. */
  readonly allowance: Allowance | null;
}

/** Pure. */
export function totalsOf(board: Board): Totals {
  const profiles = readable(board);
  const sum = (of: (profile: ProfileDocument) => number) => profiles.reduce((total, one) => total + of(one), 0);
  const bounded = (of: (profile: ProfileDocument) => number | null) =>
    profiles.length > 0 && profiles.every((one) => of(one) !== null) ? sum((one) => of(one) ?? 0) : null;
  const served = profiles.filter(({ running }) => running);
  return {
    running: sum(({ live }) => live.length),
    room: served.every(({ room }) => room.most !== null)
      ? served.reduce((total, { room }) => total + (room.most ?? 0), 0)
      : null,
    waiting: sum((profile) => itemsOf(profile).filter(({ state }) => state === "waiting").length),
    asking: sum(({ needsPerson }) => needsPerson.length),
    published: publishedBy(profiles),
    usd: sum(({ spend }) => spend.today.usd),
    usdLimit: bounded(({ spend }) => spend.limit.usd),
    tokens: sum(({ spend }) => spend.today.tokens),
    failedWrites: sum(({ outbox }) => outbox.failed),
    allowance: tellingAllowance(board.host?.allowances ?? []),
  };
}

function publishedBy(profiles: readonly ProfileDocument[]): { readonly [kind: string]: number } {
  const published: { [kind: string]: number } = {};
  for (const { publishedToday } of profiles)
    for (const [kind, count] of Object.entries(publishedToday)) published[kind] = (published[kind] ?? 0) + count;
  return published;
}

function tellingAllowance(allowances: readonly Allowance[]): Allowance | null {
  const core = allowances.filter(({ resource }) => resource === "core");
  const part = ({ left, limit }: Allowance) => left / limit;
  return [...(core.length > 0 ? core : allowances)].sort((a, b) => part(a) - part(b))[0] ?? null;
}
