import { join } from "node:path";
import type { VerificationReport } from "@agent-control-plane/core";
import { readRunFile } from "./read-run-file.ts";
import { readVerification } from "./session-files.ts";

const tailBytes = 4_000;

/** What the checks of a session came to, with the end of what each printed; null: they did not. */
export function readReport(runDir: string): VerificationReport | null {
  const verification = readVerification(runDir);
  if (!verification) return null;
  const commands = verification.commands.map(({ name, command, exitCode, durationMs, logFile, phase = "full" }) => {
    const log = join(runDir, logFile);
    const tail = readRunFile(log, { maxBytes: tailBytes, fromEnd: true }) ?? "";
    return { name, command, exitCode, durationMs, tail, phase, log };
  });
  return { passed: verification.passed, commands };
}
