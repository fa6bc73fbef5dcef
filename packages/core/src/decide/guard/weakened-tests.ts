import type { DeltaFile } from "../../domain/delta.ts";
import type { GuardRules } from "../../domain/guard.ts";
import { compileGlobs } from "../pull-request/glob.ts";

export interface WeakenedTests {
  /** What checks less than before: deleted files, fewer cases or assertions, new skips, assertions that always hold. */
  readonly weaker: readonly string[];
  /** Expectations that were written anew: right when behaviour was to change, and worth a look. */
  readonly changed: readonly string[];
}

/** Of each changed test file, whether it checks less than before; counted in lines, whatever the language. */
export function weakenedTests(files: readonly DeltaFile[], rules: Pick<GuardRules, "tests">): WeakenedTests {
  const isTest = compileGlobs(rules.tests);
  const tests = files.filter(({ path }) => isTest(path) && isCode(path));
  const found = tests.map((file) => lookAt(file, tests));
  return { weaker: found.flatMap(({ weaker }) => weaker), changed: found.flatMap(({ changed }) => changed) };
}

function lookAt(file: DeltaFile, tests: readonly DeltaFile[]): WeakenedTests {
  const { path, status } = file;
  const before = countsOf(file.removed);
  const after = countsOf(file.added.map(({ text }) => text));
  if (isGone(status)) {
    if (before.cases + before.assertions === 0 || tests.some((other) => takesPlaceOf(other, file))) return nothing;
    return { weaker: [`${path}: deleted, with ${plural(before.cases, "test case")}`], changed: [] };
  }
  const weaker = [
    ...(before.cases > after.cases ? [`${plural(before.cases - after.cases, "test case")} fewer`] : []),
    ...(after.skips > before.skips ? [`${plural(after.skips - before.skips, "test")} skipped or singled out`] : []),
    ...(before.assertions > after.assertions
      ? [`${plural(before.assertions - after.assertions, "assertion")} fewer`]
      : []),
    ...(after.hollow > before.hollow ? [`${plural(after.hollow - before.hollow, "assertion")} that always holds`] : []),
  ];
  if (weaker.length > 0) return { weaker: [`${path}: ${weaker.join(", ")}`], changed: [] };
  const kept = new Set(file.added.map(({ text }) => text.trim()));
  const rewritten = file.removed.filter((line) => isAssertion(line) && !kept.has(line.trim())).length;
  return rewritten === 0
    ? nothing
    : { weaker: [], changed: [`${path}: ${plural(rewritten, "expectation")} written anew`] };
}

const nothing: WeakenedTests = { weaker: [], changed: [] };

/** A file that was moved: one of the same name, or one that has most of its lines, with as many cases. */
function takesPlaceOf(other: DeltaFile, gone: DeltaFile): boolean {
  if (other === gone || isGone(other.status)) return false;
  const lines = new Set(other.added.map(({ text }) => text.trim()));
  const kept = gone.removed.filter((line) => lines.has(line.trim())).length;
  if (nameOf(other.path) !== nameOf(gone.path) && kept < gone.removed.length * 0.6) return false;
  const [before, after] = [countsOf(gone.removed), countsOf(other.added.map(({ text }) => text))];
  return after.cases >= before.cases && after.assertions >= before.assertions && after.skips <= before.skips;
}

interface Counts {
  readonly cases: number;
  readonly assertions: number;
  readonly skips: number;
  readonly hollow: number;
}

function countsOf(lines: readonly string[]): Counts {
  const count = (is: (line: string) => boolean) => lines.filter(is).length;
  return { cases: count(isCase), assertions: count(isAssertion), skips: count(isSkip), hollow: count(isHollow) };
}

/** Long lines are data, and patterns on them cost time. */
const maxLine = 500;
const inLine =
  (...patterns: readonly RegExp[]) =>
  (line: string): boolean => {
    const text = line.slice(0, maxLine).trim();
    return !/^(\/\/|#(?!\[)|\*)/.test(text) && patterns.some((pattern) => pattern.test(text));
  };

const isCase = inLine(
  /^(?:x|f)?(?:it|test|specify)(?:\.\w+)*\s*[(`]/,
  /^(?:async\s+)?def\s+test/,
  /^func\s+(?:\([^)]*\)\s*)?Test/,
  /^#\[(?:\w+::)*test\b/,
  /^@(?:Test|ParameterizedTest|RepeatedTest)\b/,
  /^\[(?:Test|Fact|Theory|TestMethod|TestCase)\b/,
  /^(?:public\s+)?function\s+test/,
  /^(?:it|specify|scenario|test)\s+["']/,
  /^TEST(?:_F|_P)?\s*\(/,
);

const isAssertion = inLine(
  /\bexpect\w*\s*[(.]/,
  /\bassert\w*\b/i,
  /\bshould\b/,
  /\bt\.(?:Error|Fatal|Fail)/,
  /\brequire\.(?:\w+)\(/,
  /\bEXPECT_\w+|\bASSERT_\w+/,
  /\bt\.(?:is|deepEqual|equal|ok|true|throws)\(/,
);

const isSkip = inLine(
  /\b(?:it|test|describe|suite|context)\s*\.\s*(?:\w+\.)*(?:skip|todo|only|skipIf|fixme)\b/,
  /^(?:x|f)(?:it|test|describe|context)\s*[(`]/,
  /@(?:pytest\.mark|unittest)\.(?:skip|xfail|expectedFailure)/,
  /\bpytest\.(?:skip|xfail)\s*\(/,
  /\b(?:t|b)\.Skip(?:f|Now)?\(/,
  /@(?:Disabled|Ignore)\b/,
  /^#\[ignore/,
  /\[Ignore\b|\bSkip\s*=\s*"/,
  /\bmarkTestSkipped\b/,
  /\bthis\.skip\(\)/,
  /^\s*(?:skip|pending)\b(?:\s|$)/,
);

const isHollow = inLine(
  /\bexpect\(\s*(true|1|"[^"]*"|'[^']*')\s*\)\.to(?:Be|Equal|StrictEqual)\(\s*\1\s*\)/,
  /\bexpect\(\s*(?:true|1)\s*\)\.toBeTruthy/,
  /\bassert(?:\.ok|\.equal|True|_true|!)?\s*\(?\s*(?:true|True|1)\s*(?:,|\)|;|$)/,
  /\bassert\.(?:equal|strictEqual|deepEqual)\(\s*(true|1)\s*,\s*\1\b/,
);

/** Data beside tests may change as it likes. */
const isCode = (path: string): boolean => !/\.(json|ya?ml|snap|md|txt|csv|svg|png|html|xml|lock)$/i.test(path);
const isGone = (status: string): boolean => status === "deleted" || status === "D" || status === "removed";
const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
