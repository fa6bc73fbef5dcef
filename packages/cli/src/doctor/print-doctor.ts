import type { Output } from "../output.ts";
import type { Diagnosis } from "./doctor.ts";
import type { Finding } from "./finding.ts";
import type { Healed } from "./heal.ts";

/** What is well in a line each, then the notes, then what is not well, each with its fix; the last line sums it up. */
export function printDoctor(output: Output, { findings, fixes, ok }: Diagnosis): void {
  for (const level of ["ok", "note", "problem"] as const)
    for (const finding of findings.filter((one) => one.level === level)) printFinding(output, finding);
  for (const fix of fixes) printFix(output, fix);
  const problems = findings.filter(({ level }) => level === "problem").length;
  const { green, red } = output.style;
  const safe = findings.filter(({ level, safe }) => safe && level !== "ok").length;
  const hint = safe > 0 && fixes.length === 0 ? `; "acp doctor --fix" puts ${safe} of them right` : "";
  output.print(ok ? green("all is well") : red(`${problems} problem${problems === 1 ? "" : "s"}${hint}`));
}

function printFinding({ print, style }: Output, { code, level, found, fix, command }: Finding): void {
  const { green, yellow, red, dim, bold } = style;
  if (level === "ok") {
    print(`${green("ok")}       ${found}`);
    return;
  }
  const word = level === "note" ? yellow("note") : red("problem");
  const indented = found.replaceAll("\n", "\n         ");
  print(`${word}${level === "note" ? "     " : "  "}${bold(code)}  ${indented}`);
  print(dim(`         fix: ${fix}${command === null ? "" : `  ${command}`}`));
}

const resultWords: Readonly<Record<Healed["result"], string>> = {
  fixed: "fixed",
  "would-fix": "would fix",
  failed: "not fixed",
  "not-safe": "left to you",
};

function printFix({ print, style }: Output, { code, subject, result, detail }: Healed): void {
  const colour = result === "fixed" ? style.green : result === "failed" ? style.red : style.yellow;
  print(`${colour(resultWords[result])}  ${code}  ${subject}: ${detail}`);
}
