import type { LabelAct, Permission, Timeline } from "../domain/reading.ts";
import type { PermissionLevel } from "../domain/work-item.ts";

/** `unknown`: nobody asked the forge yet what this login may do. It never counts as trusted. */
export type Trust = "trusted" | "untrusted" | "unknown";

/** What the forge shows for an account that is gone; asking for its permission would answer for somebody else. */
const deletedAccount = "ghost";

export type Permissions = ReadonlyMap<string, Permission>;

export function trustOf(login: string, permissions: Permissions, levels: readonly PermissionLevel[]): Trust {
  const name = login.toLowerCase();
  if (name === "" || name === deletedAccount) return "untrusted";
  const known = permissions.get(name);
  if (!known) return "unknown";
  return levels.includes(known.level) ? "trusted" : "untrusted";
}

/** Who put a label on that is on now; null when the timeline does not show it. Labels compare without case. */
export function labelSetBy({ labelActs }: Timeline, label: string): LabelAct | null {
  const name = label.toLowerCase();
  const last = labelActs.findLast((act) => act.label.toLowerCase() === name);
  return last?.kind === "added" ? last : null;
}

export const hasLabel = ({ labels }: { readonly labels: readonly string[] }, label: string): boolean =>
  labels.some((each) => each.toLowerCase() === label.toLowerCase());
