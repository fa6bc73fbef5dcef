import type { ChangedFile } from "../../domain/evidence.ts";
import type { RiskRules } from "../../domain/policy.ts";
import { compileGlobs, type PathMatcher } from "./glob.ts";

export type RiskTier = "critical-infra" | "critical-app" | "low" | "high" | "unknown";

export interface Risk {
  readonly tier: RiskTier;
  /** A person has to approve, whatever reviews say. */
  readonly systemBreaking: boolean;
  /** Which limit it goes beyond, for people; null: within both, or not known. */
  readonly tooBroad: string | null;
  readonly counts: RiskCounts;
}

/** `product` is what counts for scope: neither generated nor a test. `lines` are added and removed ones of those. */
export interface RiskCounts {
  readonly files: number;
  readonly product: number;
  readonly tests: number;
  readonly generated: number;
  readonly lines: number;
}

/**
 * What the changed files say of the risk; the first tier that matches. Files that are not all known, and no file at
 * all, are an unknown risk: it never reads as a low one. A critical path is critical even when it is generated or a
 * test, since those lists only spare files from being counted.
 */
export function assessRisk(files: readonly ChangedFile[] | null, rules: RiskRules): Risk {
  if (files === null) return { tier: "unknown", systemBreaking: false, tooBroad: null, counts: noCounts };
  const known = assessed.get(files);
  if (known?.rules === rules) return known.risk;
  const risk = assess(files, rules);
  assessed.set(files, { rules, risk });
  return risk;
}

/** Critical files need reviews before anything else; a person looks at those that may break the system. */
export const needsDoubleCheck = ({ tier, systemBreaking }: Pick<Risk, "tier" | "systemBreaking">): boolean =>
  (tier === "critical-infra" || tier === "critical-app") && !systemBreaking;

/** The files of a head are read once and looked at in each tick. */
const assessed = new WeakMap<readonly ChangedFile[], { readonly rules: RiskRules; readonly risk: Risk }>();

function assess(files: readonly ChangedFile[], rules: RiskRules): Risk {
  const match = matchersOf(rules);
  const paths = files.flatMap(pathsOf);
  const generated = new Set(files.filter((file) => pathsOf(file).every(match.generated)));
  const others = files.filter((file) => !generated.has(file));
  const tests = new Set(others.filter((file) => pathsOf(file).every(match.tests)));
  const product = others.filter((file) => !tests.has(file));
  const counts = {
    files: files.length,
    product: product.length,
    tests: tests.size,
    generated: generated.size,
    lines: product.reduce((sum, file) => sum + file.additions + file.deletions, 0),
  };
  const systemBreaking = paths.some(match.systemBreaking);
  return {
    tier: tierOf(files, paths, others.flatMap(pathsOf), systemBreaking, match),
    systemBreaking,
    tooBroad: broadness(counts, rules),
    counts,
  };
}

function tierOf(
  files: readonly ChangedFile[],
  paths: readonly string[],
  rest: readonly string[],
  systemBreaking: boolean,
  match: Matchers,
): RiskTier {
  if (systemBreaking || paths.some(match.criticalInfra)) return "critical-infra";
  if (paths.some(match.criticalApp)) return "critical-app";
  if (files.length === 0 || files.some(isHalfKnown)) return "unknown";
  return rest.length > 0 && rest.every(match.docsOnly) ? "low" : "high";
}

function broadness({ product, lines }: RiskCounts, { maxFiles, maxLines }: RiskRules): string | null {
  if (product > maxFiles) return `${product} files beside tests and generated ones, at most ${maxFiles}`;
  if (lines > maxLines) return `${lines} lines beside tests and generated files, at most ${maxLines}`;
  return null;
}

/** A file that was moved away from a critical place changed that place too. */
const pathsOf = ({ path, previousPath }: ChangedFile): readonly string[] =>
  previousPath === undefined ? [path] : [path, previousPath];

const isHalfKnown = ({ status, previousPath }: ChangedFile): boolean =>
  status === "renamed" && previousPath === undefined;

const noCounts: RiskCounts = { files: 0, product: 0, tests: 0, generated: 0, lines: 0 };

type Matchers = Readonly<
  Record<"systemBreaking" | "criticalInfra" | "criticalApp" | "docsOnly" | "generated" | "tests", PathMatcher>
>;

/** Rules are frozen with their profile, and read for each pull request in each tick. */
const compiled = new WeakMap<RiskRules, Matchers>();

function matchersOf(rules: RiskRules): Matchers {
  const known = compiled.get(rules);
  if (known) return known;
  const matchers: Matchers = {
    systemBreaking: compileGlobs(rules.systemBreaking),
    criticalInfra: compileGlobs(rules.criticalInfra),
    criticalApp: compileGlobs(rules.criticalApp),
    docsOnly: compileGlobs(rules.docsOnly),
    generated: compileGlobs(rules.generated),
    tests: compileGlobs(rules.tests),
  };
  compiled.set(rules, matchers);
  return matchers;
}
