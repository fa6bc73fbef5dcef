import { type Finding, problem } from "./finding.ts";
import type { Check, Scope } from "./scope.ts";

export interface CheckResult {
  readonly name: string;
  readonly ms: number;
  readonly findings: readonly Finding[];
}

/** All at once, each with a time limit of its own: one that hangs or fails is a finding and keeps no other from ending. */
export async function runChecks(
  checks: readonly Check[],
  scope: Scope,
  onEnd: (name: string) => void = () => {},
): Promise<readonly CheckResult[]> {
  return Promise.all(
    checks.map(async (check) => {
      const startedAt = performance.now();
      const findings = await withLimit(check, scope);
      onEnd(check.name);
      return { name: check.name, ms: Math.round(performance.now() - startedAt), findings };
    }),
  );
}

async function withLimit(check: Check, scope: Scope): Promise<readonly Finding[]> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Finding[]>((resolve) => {
    timer = setTimeout(() => {
      controller.abort();
      resolve([timedOut(check)]);
    }, check.limitMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(() => check.look(scope, controller.signal)), late]);
  } catch (error) {
    return [failed(check, error)];
  } finally {
    clearTimeout(timer);
  }
}

const timedOut = ({ name, limitMs }: Check): Finding =>
  problem("check-timed-out", {
    subject: name,
    found: `the check "${name}" was not done after ${limitMs / 1000} s`,
    fix: "see whether the machine, a network folder or an agent program hangs, then ask again.",
    command: "acp doctor",
  });

const failed = ({ name }: Check, error: unknown): Finding =>
  problem("check-failed", {
    subject: name,
    found: `the check "${name}" could not be made: ${error instanceof Error ? error.message : String(error)}`,
    fix: "correct what the message names, then ask again.",
  });
