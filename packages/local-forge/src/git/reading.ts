import type { DiffStats } from "../storage/pulls.ts";
import type { Git } from "./run-git.ts";

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly date: string;
}

export interface ChangedFile {
  readonly sha: string;
  readonly filename: string;
  readonly previousFilename: string | null;
  readonly status: "added" | "removed" | "modified" | "renamed" | "copied" | "changed";
  readonly additions: number;
  readonly deletions: number;
  readonly patch: string | null;
}

/** Commits reachable from `to` and not from `from`, oldest first. */
export async function commitsBetween(git: Git, path: string, from: string, to: string): Promise<Commit[]> {
  const text = await git.output(path, [
    "log",
    "--reverse",
    "--topo-order",
    `--format=${commitFormat}`,
    `${from}..${to}`,
  ]);
  return parseCommits(text);
}

export async function readCommit(git: Git, path: string, sha: string): Promise<Commit> {
  return parseCommits(await git.output(path, ["log", "-1", `--format=${commitFormat}`, sha]))[0] as Commit;
}

const commitFormat = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00%x01";

/** Pure: the records of `commitFormat`. */
function parseCommits(text: string): Commit[] {
  const records = text.split("\0\x01").slice(0, -1);
  return records.map((record) => {
    const [sha, tree, parents, authorName, authorEmail, authorDate, name, email, date, ...message] = record
      .replace(/^\n/, "")
      .split("\0") as [string, string, string, string, string, string, string, string, string, ...string[]];
    return {
      sha,
      tree,
      parents: parents === "" ? [] : parents.split(" "),
      author: { name: authorName, email: authorEmail, date: authorDate },
      committer: { name, email, date },
      message: message.join("\0").trimEnd(),
    };
  });
}

export async function mergeBase(git: Git, path: string, a: string, b: string): Promise<string | null> {
  const found = await git.attempt(path, ["merge-base", a, b]);
  return found.code === 0 ? found.stdout.trim() : null;
}

const diffOptions = ["--no-ext-diff", "--no-textconv", "--no-color", "-M"] as const;

export async function readDiff(git: Git, path: string, from: string, to: string): Promise<string> {
  return git.output(path, ["diff", ...diffOptions, from, to]);
}

/** The same as mail-able patches, one a commit. */
export async function readPatch(git: Git, path: string, from: string, to: string): Promise<string> {
  return git.output(path, ["format-patch", "--stdout", "--no-ext-diff", `${from}..${to}`]);
}

export async function changedFiles(git: Git, path: string, from: string, to: string): Promise<ChangedFile[]> {
  const [raw, numbers, patches] = await Promise.all([
    git.output(path, ["diff", ...diffOptions, "--raw", "--no-abbrev", "-z", from, to]),
    git.output(path, ["diff", ...diffOptions, "--numstat", "-z", from, to]),
    readDiff(git, path, from, to),
  ]);
  return combineChanges(parseRaw(raw), parseNumbers(numbers), patches.split(/^(?=diff --git )/m));
}

interface RawChange {
  readonly sha: string;
  readonly status: string;
  readonly filename: string;
  readonly previousFilename: string | null;
}

function parseRaw(text: string): RawChange[] {
  const fields = text.split("\0");
  const changes: RawChange[] = [];
  for (let at = 0; (fields[at] ?? "") !== ""; ) {
    const [, , , sha, status] = (fields[at] as string).split(" ") as [string, string, string, string, string];
    const twoNames = status.startsWith("R") || status.startsWith("C");
    const filename = fields[at + (twoNames ? 2 : 1)] as string;
    const previousFilename = twoNames ? (fields[at + 1] as string) : null;
    changes.push({ sha, status, filename, previousFilename });
    at += twoNames ? 3 : 2;
  }
  return changes;
}

function parseNumbers(text: string): { additions: number; deletions: number }[] {
  const fields = text.split("\0");
  const numbers: { additions: number; deletions: number }[] = [];
  for (let at = 0; (fields[at] ?? "") !== ""; ) {
    const [additions, deletions, name] = (fields[at] as string).split("\t") as [string, string, string];
    numbers.push({ additions: Number(additions) || 0, deletions: Number(deletions) || 0 });
    at += name === "" ? 3 : 1; // a rename has its two names in fields of their own
  }
  return numbers;
}

const statusNames = { A: "added", D: "removed", R: "renamed", C: "copied", T: "changed" } as const;

function combineChanges(
  raw: readonly RawChange[],
  numbers: readonly { additions: number; deletions: number }[],
  patches: readonly string[],
): ChangedFile[] {
  return raw.map((change, index) => {
    const hunks = patches[index]?.indexOf("\n@@ ") ?? -1;
    return {
      sha: change.sha,
      filename: change.filename,
      previousFilename: change.previousFilename,
      status: statusNames[change.status[0] as keyof typeof statusNames] ?? "modified",
      additions: numbers[index]?.additions ?? 0,
      deletions: numbers[index]?.deletions ?? 0,
      patch: hunks < 0 ? null : (patches[index] as string).slice(hunks + 1).trimEnd(),
    };
  });
}

/** What a pull request of `head` into `base` shows: counted from their merge base. */
export async function diffStats(git: Git, path: string, base: string, head: string): Promise<DiffStats> {
  const from = (await mergeBase(git, path, base, head)) ?? base;
  const [numbers, count] = await Promise.all([
    git.output(path, ["diff", ...diffOptions, "--numstat", "-z", from, head]),
    git.output(path, ["rev-list", "--count", `${base}..${head}`]),
  ]);
  const parsed = parseNumbers(numbers);
  return {
    additions: parsed.reduce((sum, file) => sum + file.additions, 0),
    deletions: parsed.reduce((sum, file) => sum + file.deletions, 0),
    changedFiles: parsed.length,
    commits: Number(count),
  };
}
