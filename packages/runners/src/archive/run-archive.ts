import { lstat, mkdir, readdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import type { RunArchive } from "@agent-control-plane/core";
import { conversationsFolder } from "../conversations.ts";
import { sessionFiles } from "../session/session-files.ts";
import { removeTree } from "../worktree/remove-tree.ts";

/**
 * Run folders of one profile: `<runsRoot>/<session>` while there is something to do with it,
 * `<runsRoot>/history/<session>` after. Both lie on one file system, so that moving is one step.
 */
export function createRunArchive(runsRoot: string): RunArchive {
  const historyRoot = join(runsRoot, "history");
  // Bounded by their own rule; a session may speak in one of them.
  const conversationsRoot = join(runsRoot, conversationsFolder);
  return {
    async archive({ id, runDir }) {
      const kept = join(historyRoot, id);
      // Only what is ours to move: a folder directly below the root, by the session's own name.
      if (runDir !== join(runsRoot, id)) return runDir;
      for (const folder of [sessionFiles.home(runDir), sessionFiles.tmp(runDir)]) await removeTree(folder);
      await mkdir(historyRoot, { recursive: true, mode: 0o700 });
      await rename(runDir, kept).catch(unlessGone);
      return kept;
    },

    async prune({ before, mostCount, mostBytes, isKnown, isDry }) {
      const folders = await foldersIn(historyRoot);
      let removed = 0;
      const failed: string[] = [];
      const remove = async (path: string) => {
        try {
          if (!isDry) await removeTree(path);
          removed += 1;
        } catch (error) {
          // One that cannot be removed (files of another user) keeps none of the others from going.
          failed.push(error instanceof Error ? error.message : String(error));
        }
      };
      let left = 0;
      let leftBytes = 0;
      // The newest first: each is kept as long as it and all before it fit.
      for (const { path, changedAt } of folders.toSorted((a, b) => b.changedAt - a.changedAt)) {
        const bytes = await sizeOf(path);
        if (changedAt < before || left >= mostCount || leftBytes + bytes > mostBytes) await remove(path);
        else {
          left += 1;
          leftBytes += bytes;
        }
      }
      for (const { path, changedAt } of await foldersIn(runsRoot)) {
        if (
          path !== historyRoot &&
          path !== conversationsRoot &&
          changedAt < before &&
          !(await isKnown(basename(path)))
        )
          await remove(path);
      }
      return { removed, left, leftBytes, failed };
    },
  };
}

interface Folder {
  readonly path: string;
  readonly changedAt: number;
}

async function foldersIn(root: string): Promise<readonly Folder[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(unlessGone);
  const folders: Folder[] = [];
  for (const entry of entries ?? []) {
    if (!entry.isDirectory()) continue;
    const path = join(root, entry.name);
    const stat = await lstat(path).catch(unlessGone);
    if (stat) folders.push({ path, changedAt: stat.mtimeMs });
  }
  return folders;
}

/** Bytes of the files below, links not followed. What cannot be read counts nothing. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await sizeOf(path);
    else bytes += (await lstat(path).catch(() => null))?.size ?? 0;
  }
  return bytes;
}

function unlessGone(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
  throw error;
}
