import type { CliContext } from "../context.ts";
import type { Removal } from "./remove-profile.ts";

/** What goes, what stays and where, in words or as the one document. */
export function describeRemoval({ output }: CliContext, removal: Removal, isJson: boolean): void {
  if (isJson) {
    output.json(removal);
    return;
  }
  const { profileId, dryRun, removes, leaves, keptRefs, keptIn, atWork } = removal;
  const { bold, yellow } = output.style;
  const list = (lines: readonly string[]) => lines.map((line) => `  ${line}`).join("\n");
  output.print(`${dryRun ? "Would remove" : "Removed"} profile ${bold(profileId)}:\n${list(removes)}`);
  if (leaves.length > 0) {
    output.print(`${yellow("Stays")}, for you to look at:\n${list(leaves.map(({ path, why }) => `${path}: ${why}`))}`);
  }
  const first = atWork.unsent[0];
  if (first !== undefined) {
    const rows = atWork.unsent.map(({ id, kind, subject }) => `row ${id}: ${kind} for ${subject}`);
    output.print(
      `${yellow("Not sent to the forge")}, and not sent while no profile "${profileId}" is installed (see acp outbox list):\n${list(rows)}`,
    );
  }
  if (atWork.unconcluded.length > 0)
    output.print(`${yellow("Not concluded")}: ${atWork.unconcluded.join(", ")}; their work is kept as below.`);
  if (atWork.waiting > 0) output.print(`${atWork.waiting} task(s) wait; they go on if the profile comes back.`);
  if (keptRefs.length > 0 && keptIn.bundle !== null) {
    output.print(
      `${dryRun ? "Would keep" : "Kept"} ${keptRefs.length} result(s) and rescued work in ${keptIn.bundle}\n  git fetch ${keptIn.bundle} 'refs/acp/*:refs/acp/*'   brings them into a checkout`,
    );
  }
  output.print(`${dryRun ? "Would keep" : "Kept"} the profile without its secrets in ${keptIn.profile}`);
  output.print("History (tasks, sessions, events) stays in the store.");
}
