import { constants } from "node:fs";
import { cp, lstat, mkdir, readdir, realpath, rm } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { isHostTrouble, outputFolder } from "@agent-control-plane/core";

/** Why an attempt failed by its outputs. `output-missing`: it was not left; `output-bad`: it is not one that can be kept. */
export interface OutputProblem {
  readonly reason: "output-missing" | "output-bad";
  readonly summary: string;
}

/** Of an attempt's outputs together. */
const mostBytes = 1024 ** 3;
const mostFiles = 10_000;

/**
 * Copied to where later tasks find them; null: all are there. A link that leads out of where the task runs is no output,
 * and one inside a folder is kept as the link that it is: nothing from elsewhere comes among ours. Safe to repeat.
 */
export async function keepOutputs(
  work: string,
  folder: string,
  outputs: Readonly<Record<string, string>>,
): Promise<OutputProblem | null> {
  const room = { bytes: mostBytes, files: mostFiles };
  for (const [name, path] of Object.entries(outputs)) {
    const said = `Output ${name} (${path})`;
    try {
      const from = await realpath(resolve(work, path));
      const problem = (await liesIn(work, from))
        ? await whyNot(from, room)
        : "lies outside of where the task runs, or is a link to there";
      if (problem !== null) return { reason: "output-bad", summary: `${said} ${problem}.` };
      await keep(from, join(outputFolder(folder), name));
    } catch (error) {
      if (isHostTrouble(error)) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR")
        return { reason: "output-missing", summary: `${said} was not left.` };
      return { reason: "output-bad", summary: `${said} cannot be kept: ${code ?? message}.` };
    }
  }
  return null;
}

async function liesIn(work: string, from: string): Promise<boolean> {
  const root = await realpath(work);
  return from === root || from.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** What is no plain file could make the copy wait for ever; what is large could fill the disk. */
async function whyNot(path: string, room: { bytes: number; files: number }): Promise<string | null> {
  const stats = await lstat(path);
  room.files -= 1;
  room.bytes -= stats.isFile() ? stats.size : 0;
  if (room.files < 0) return `makes more than ${mostFiles} files to keep of one attempt`;
  if (room.bytes < 0) return `makes more than ${mostBytes} bytes to keep of one attempt`;
  if (stats.isFile() || stats.isSymbolicLink()) return null;
  if (!stats.isDirectory()) return "is, or holds, what is neither file nor folder";
  for (const name of await readdir(path)) {
    const problem = await whyNot(join(path, name), room);
    if (problem !== null) return problem;
  }
  return null;
}

async function keep(from: string, to: string): Promise<void> {
  await mkdir(resolve(to, ".."), { recursive: true, mode: 0o700 });
  // What an assessment before a kill left of it.
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
}
