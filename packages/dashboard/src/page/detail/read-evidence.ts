import type { Json } from "@agent-control-plane/core";

/** What a conclusion rests on, as far as it is there. Every text is hostile. */
export interface Evidence {
  readonly reason: string | null;
  readonly summary: string | null;
  readonly startSha: string | null;
  readonly headSha: string | null;
  readonly commits: number | null;
  readonly files: readonly { readonly path: string; readonly additions: number; readonly deletions: number }[];
  readonly guards: readonly { readonly code: string; readonly verdict: string; readonly found: readonly string[] }[];
  /** Null: nothing was checked. */
  readonly checks: readonly Check[] | null;
}

export interface Check {
  readonly name: string;
  readonly command: string;
  readonly exitCode: number | null;
  readonly durationMs: number | null;
  /** The last lines it printed. */
  readonly tail: string;
}

/** Pure. Null: nothing was found yet. Earlier versions wrote less. */
export function readEvidence(evidence: Json): Evidence | null {
  if (!isObject(evidence)) return null;
  const { reason, summary, startSha, headSha, commits, files, guards, verification } = evidence;
  return {
    ...{ reason: text(reason), summary: text(summary), startSha: text(startSha), headSha: text(headSha) },
    commits: number(commits),
    files: objects(files).map(({ path, additions, deletions }) => ({
      ...{ path: text(path) ?? "", additions: number(additions) ?? 0, deletions: number(deletions) ?? 0 },
    })),
    guards: objects(guards).map(({ code, verdict, found }) => ({
      ...{ code: text(code) ?? "", verdict: text(verdict) ?? "" },
      found: Array.isArray(found) ? found.filter((one) => typeof one === "string") : [],
    })),
    checks: Array.isArray(verification) ? objects(verification).map(checkOf) : null,
  };
}

const checkOf = ({ name, command, exitCode, durationMs, tail }: Fields): Check => ({
  ...{ name: text(name) ?? "", command: text(command) ?? "", exitCode: number(exitCode) },
  ...{ durationMs: number(durationMs), tail: text(tail) ?? "" },
});

type Fields = { readonly [field: string]: Json | undefined };

const isObject = (value: Json | undefined): value is Fields & Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objects = (value: Json | undefined): readonly Fields[] => (Array.isArray(value) ? value.filter(isObject) : []);
const text = (value: Json | undefined): string | null => (typeof value === "string" && value !== "" ? value : null);
const number = (value: Json | undefined): number | null => (typeof value === "number" ? value : null);
