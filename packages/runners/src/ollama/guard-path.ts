import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

export type GuardedPath =
  | { readonly ok: true; readonly real: string; readonly shown: string }
  | { readonly ok: false; readonly problem: string };

/**
 * Where a path of the model's really is: inside the worktree, after every link on the way, and nowhere in git's own
 * folder. The file itself may be missing. A command the model runs could do more; these tools cannot.
 */
export function guardPath(worktree: string, asked: string): GuardedPath {
  if (asked.trim() === "" || asked.includes("\0")) return refuse(asked, "is no path");
  const root = realpathSync(worktree);
  const wanted = resolve(root, isAbsolute(asked) ? fromRealRoot(worktree, root, asked) : asked);
  if (!isInside(root, wanted)) return refuse(asked, "is outside of the worktree; give a path relative to it");
  const real = realPathOf(wanted);
  if (real === null) return refuse(asked, "is a link to nothing");
  if (!isInside(root, real)) return refuse(asked, "leads out of the worktree by a link");
  if (namesGit(relative(root, wanted)) || namesGit(relative(root, real))) {
    return refuse(asked, "belongs to git; use git commands for it");
  }
  return { ok: true, real, shown: relative(root, wanted) || "." };
}

const refuse = (asked: string, why: string) =>
  ({ ok: false, problem: `${JSON.stringify(asked.slice(0, 200))} ${why}.` }) as const;

/** The worktree may itself be reached by a link; the model knows it by that name. */
function fromRealRoot(worktree: string, root: string, asked: string): string {
  return isInside(worktree, asked) ? join(root, relative(worktree, asked)) : asked;
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

const namesGit = (way: string): boolean => way.split(sep).some((part) => part.toLowerCase() === ".git");

/** The real path of the deepest part that is there, and the rest as it was asked; null for a link to nothing. */
function realPathOf(path: string): string | null {
  let rest = "";
  for (let at = path; ; at = dirname(at)) {
    if (isThere(at)) {
      try {
        return join(realpathSync(at), rest);
      } catch {
        return null;
      }
    }
    rest = join(basename(at), rest);
    if (at === dirname(at)) return path;
  }
}

function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    // A file in the place of a folder: what is below it is not there, and reading it will say so.
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}
