import type { FoundSecret, Inspection } from "../../domain/delta.ts";
import type { ChangedFile } from "../../domain/evidence.ts";
import type { GuardFinding, GuardRules } from "../../domain/guard.ts";
import { compileGlobs } from "../pull-request/glob.ts";
import { protectedChanges } from "./protected-paths.ts";
import { weakenedTests } from "./weakened-tests.ts";

/** Everything that speaks against publishing this work as it is, or that people should know of it. */
export function findProblems({ delta, secrets }: Inspection, rules: GuardRules): readonly GuardFinding[] {
  const { files } = delta;
  const isProse = files.length > 0 && files.map(({ path }) => path).every(compileGlobs(rules.docsOnly));
  const tests = isProse ? { weaker: [], changed: [] } : weakenedTests(files, rules);
  const ofTests = { flag: "flag", approve: "approve", refuse: "refuse" } as const;
  return [
    finding("secret-in-diff", "refuse", secretsIn(secrets, rules)),
    finding("scope-guard-blocked", "refuse", beyondScope(files, delta.isCut, rules)),
    finding("weakened-tests", ofTests[rules.weakenedTests], tests.weaker),
    finding("protected-paths", "approve", protectedChanges(files, rules)),
    finding("base-changes-dropped", "approve", keptInConflict(delta.droppedOfBase?.conflicting ?? [])),
    finding("weakened-tests", "flag", tests.changed),
  ].filter(({ found }) => found.length > 0);
}

const finding = (
  code: GuardFinding["code"],
  verdict: GuardFinding["verdict"],
  found: readonly string[],
): GuardFinding => ({ code, verdict, found });

function secretsIn(secrets: readonly FoundSecret[], { secretsAllowedIn }: GuardRules): readonly string[] {
  const isAllowed = compileGlobs(secretsAllowedIn);
  return secrets.filter(({ path }) => !isAllowed(path)).map(({ path, line, kind }) => `${path}, line ${line}: ${kind}`);
}

const keptInConflict = (paths: readonly string[]): readonly string[] =>
  paths.map((path) => `${path} (it conflicts, and nothing of the base's side was taken)`);

function beyondScope(files: readonly ChangedFile[], isCut: boolean, rules: GuardRules): readonly string[] {
  const { maxFiles, maxLines } = rules.scope;
  const counted = files.filter(({ path }) => !compileGlobs(rules.generated)(path));
  const lines = counted.reduce((sum, { additions, deletions }) => sum + additions + deletions, 0);
  return [
    ...(maxFiles !== null && counted.length > maxFiles ? [`${counted.length} files changed, at most ${maxFiles}`] : []),
    ...(maxLines !== null && lines > maxLines ? [`${lines} lines changed, at most ${maxLines}`] : []),
    ...(isCut ? ["the change is too large to be looked through for secrets"] : []),
  ];
}
