import type { Instant } from "@agent-control-plane/core";

/** Pure. How the reference writes what is not there. */
export const orEmpty = (text: string | null | undefined): string => text ?? "";

/** Pure. An instant as the reference writes it, in whole seconds; empty: it has not come. */
export const isoOf = (at: Instant | null | undefined): string =>
  at === null || at === undefined ? "" : new Date(at).toISOString().replace(/\.\d+Z$/, "Z");

/** Pure. In seconds since 1970; 0: it has not come. */
export const epochOf = (at: Instant | null | undefined): number => Math.floor((at ?? 0) / 1000);

/** Pure. `issue:12` as the reference has it, numbers as text. */
export function taskOf(subject: string | null): { readonly task_kind: string; readonly task_id: string } {
  const [, kind = "", id = ""] = /^(issue|pr):(\d+)$/.exec(subject ?? "") ?? [];
  return kind === "" ? { task_kind: subject ? "task" : "", task_id: "" } : { task_kind: kind, task_id: id };
}
