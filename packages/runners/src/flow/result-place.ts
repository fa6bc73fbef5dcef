import { lstatSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { sessionFolder } from "../profile-worktrees.ts";

/**
 * The folder that an agent writes its result file into, made. Where it runs, because several programs may write nowhere
 * else; a folder of its own, because others may work in the same place at the same time. Where that cannot be made: with
 * the attempt.
 */
export function makeResultFolder(of: {
  readonly cwd: string;
  readonly sessionId: string;
  readonly runDir: string;
}): string {
  const wanted = join(of.cwd, sessionFolder, of.sessionId);
  try {
    mkdirSync(dirname(wanted), { recursive: true });
    // What is there in its place, for example a link, leads elsewhere.
    if (lstatSync(dirname(wanted)).isDirectory()) {
      mkdirSync(wanted, { recursive: true });
      return wanted;
    }
  } catch {
    // A folder that may only be read, or a file in its place.
  }
  const own = join(of.runDir, sessionFolder, "result");
  mkdirSync(own, { recursive: true, mode: 0o700 });
  return own;
}
