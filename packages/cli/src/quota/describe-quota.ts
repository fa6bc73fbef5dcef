import { limitedText, type Quota } from "@agent-control-plane/core";

/** A limit as commands print it; field by field in docs/json-output.md. */
export interface DescribedQuota extends Quota {
  /** `unproven`: its time has come, and one session at a time tries whether it is over. */
  readonly state: "in-force" | "unproven";
}

export const describeQuota = (quota: Quota, now: number): DescribedQuota => ({
  ...quota,
  state: quota.resetAt > now ? "in-force" : "unproven",
});

/** For example `until 2027-01-15T08:00:00.000Z`, or that it is being tried. */
export function quotaInWords({ state, resetAt, source }: DescribedQuota): string {
  const at = new Date(resetAt).toISOString();
  if (state === "unproven") return `ended at ${at}; one session at a time tries it out`;
  return `until ${at}${source === "guess" ? " (our guess)" : ""}`;
}

export const servedBy: (quota: Quota) => string = limitedText;
