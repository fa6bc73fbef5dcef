import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ContextLayer, contextFiles, type FlowAttempt } from "@agent-control-plane/core";
import { attemptFiles, folderOf } from "./attempt-files.ts";

/** Writes what any worker of the attempt is handed as files, and makes where it runs. */
export function prepareAttempt(attempt: FlowAttempt, context: Readonly<Record<ContextLayer, string>>): void {
  const { task, session } = attempt;
  const folder = attemptFiles.context(session.runDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [layer, name] of Object.entries(contextFiles))
    writeFileSync(join(folder, name), context[layer as ContextLayer], { mode: 0o600 });
  writeFileSync(attemptFiles.inputs(session.runDir), `${JSON.stringify(task.spec.inputs)}\n`, { mode: 0o600 });
  mkdirSync(folderOf(attempt), { recursive: true, mode: 0o700 });
}
