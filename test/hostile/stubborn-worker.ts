import { writeFileSync } from "node:fs";
import { join } from "node:path";

const stay =
  'for (const name of ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"]) process.on(name, () => {}); setInterval(() => {}, 1000);';

/** Each a process of its own, named on its command line as `<word>-<role>`. */
export const stubbornRoles = ["forked", "setsid", "double"] as const;

/**
 * Writes a worker that commits one file, leaves another one uncommitted, and starts processes that ignore every polite
 * signal: a plain child, one in a session of its own with nothing of our environment, and one whose parent is gone.
 * `middleMs` is how long that parent lives. Answers the shell command that runs it.
 */
export function writeStubbornWorker(folder: string, word: string, middleMs: number): string {
  const middle = [
    `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(stay)}, "${word}-double"], { detached: true, env: {}, stdio: "ignore" }).unref();`,
    `setTimeout(() => {}, ${middleMs});`,
  ].join("\n");
  const script = `
import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
const stay = ${JSON.stringify(stay)};
const middle = ${JSON.stringify(middle)};
for (const name of ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"]) process.on(name, () => {});
writeFileSync("committed.txt", "committed\\n");
execFileSync("git", ["add", "--all"]);
execFileSync("git", ["commit", "--quiet", "--message=half of it"]);
writeFileSync("unsaved.txt", "unsaved\\n");
const start = (code, name, options) => spawn(process.execPath, ["-e", code, name], { stdio: "ignore", ...options });
start(stay, "${word}-forked", {});
start(stay, "${word}-setsid", { detached: true, env: {} });
start(middle, "${word}-middle", { detached: true, env: {} });
setInterval(() => console.log("busy"), 500);
`;
  const file = join(folder, "stubborn-worker.mjs");
  writeFileSync(file, script);
  return `exec "${process.execPath}" "${file}" "${word}-main"`;
}
