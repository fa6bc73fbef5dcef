import type { AnchorUpkeep, Instant } from "@agent-control-plane/core";
import { type Anchor, anchorGit, anchorGitText } from "./anchor.ts";
import { isAncestor } from "./anchor-refs.ts";
import { withLockRetry } from "./lock-retry.ts";
import { type OwnRef, ownRefs } from "./own-refs.ts";
import { isSavedWork } from "./saved-work.ts";

type Pruning = Parameters<AnchorUpkeep["prune"]>[0];

/**
 * Removes refs of ours that nothing asks for, see docs/decisions/0025-saved-work-outlives-its-rows.md. What is deleted
 * stays readable for two more weeks (`packAnchor`), so that a step which is just under way misses nothing.
 */
export async function pruneRefs(
  anchor: Anchor,
  { stateOf, savedBefore, isDry, worktrees }: Pruning & { readonly worktrees: readonly string[] },
): Promise<Awaited<ReturnType<AnchorUpkeep["prune"]>>> {
  const refs = await ownRefs(anchor);
  const states = new Map<string, Awaited<ReturnType<Pruning["stateOf"]>>>();
  for (const { id, kind } of refs) if (kind !== "heads" && !states.has(id)) states.set(id, await stateOf(id));
  const stateOfRef = ({ id }: OwnRef) => states.get(id) ?? "needed";
  const isSaved = (ref: OwnRef) => stateOfRef(ref) !== "needed" && isSavedWork(ref.kind, stateOfRef(ref));
  const saved = refs.filter(isSaved);
  const old = saved.filter(({ at }) => at < savedBefore);
  const going = [
    ...refs.filter((ref) => !isSaved(ref) && mayGo(ref)),
    ...(await partsOfBase(anchor, turnOf(old, savedBefore))),
  ];
  if (!isDry) await deleteRefs(anchor, going);
  const left = saved.filter((ref) => !going.includes(ref));
  return { removed: going.length, left: left.length, oldestAt: left[0]?.at ?? null };

  function mayGo(ref: OwnRef): boolean {
    switch (ref.kind) {
      case "heads":
        // A cache of what the forge has: fetched again when it is asked for.
        return ref.at < savedBefore;
      case "bases":
        return stateOfRef(ref) !== "needed" && !worktrees.includes(ref.id);
      case "runs":
      case "collected":
        return stateOfRef(ref) === "spare" || (ref.kind === "collected" && stateOfRef(ref) === "unknown");
      default:
        return false;
    }
  }
}

/** Each look takes some processes of git: of many there are some in each round, others in the next one. */
const mostLooks = 50;

function turnOf(refs: readonly OwnRef[], hour: Instant): readonly OwnRef[] {
  if (refs.length <= mostLooks) return refs;
  const start = (Math.floor(hour / 3_600_000) * mostLooks) % refs.length;
  return [...refs.slice(start), ...refs.slice(0, start)].slice(0, mostLooks);
}

async function partsOfBase(anchor: Anchor, refs: readonly OwnRef[]): Promise<readonly OwnRef[]> {
  const bases = refs.length === 0 ? [] : await baseHeads(anchor);
  const parts: OwnRef[] = [];
  for (const ref of refs) {
    for (const base of bases) {
      if (!(await isPartOf(anchor, base, ref.sha))) continue;
      parts.push(ref);
      break;
    }
  }
  return parts;
}

/** Each only as it was read: one that somebody has written since stays. */
async function deleteRefs(anchor: Anchor, refs: readonly OwnRef[]): Promise<void> {
  for (let at = 0; at < refs.length; at += 200) {
    const input = refs.slice(at, at + 200).map(({ name, sha }) => `delete ${name} ${sha}\n`);
    await withLockRetry(anchor.path, () => anchorGit(anchor, ["update-ref", "--stdin"], { input: input.join("") }));
  }
}

async function baseHeads(anchor: Anchor): Promise<readonly string[]> {
  const text = await anchorGitText(anchor, ["for-each-ref", "--format=%(objectname)", "refs/remotes/origin/"]);
  return [...new Set(text.split("\n").filter((line) => line !== ""))];
}

/**
 * Whether the branch has the commit, or all files as the commit changed them: what was squashed, rebased or taken over
 * by hand counts as well.
 */
async function isPartOf(anchor: Anchor, base: string, sha: string): Promise<boolean> {
  if (await isAncestor(anchor, sha, base)) return true;
  const found = await anchorGit(anchor, ["merge-base", base, sha], { okCodes: [0, 1] });
  const start = found.stdout.toString("utf8").trim();
  if (found.exitCode !== 0 || start === "") return false;
  const changed = await anchorGit(anchor, ["diff-tree", "-r", "-z", "--no-renames", "--name-only", start, sha]);
  const paths = changed.stdout
    .toString("utf8")
    .split("\0")
    .filter((path) => path !== "");
  // A commit that changed nothing holds nothing; too much at once is left for a person.
  if (paths.length === 0) return true;
  if (paths.length > 500) return false;
  const args = ["diff-tree", "-r", "--quiet", "--no-renames", "--no-ext-diff", base, sha, "--", ...paths];
  return (await anchorGit(anchor, args, { okCodes: [0, 1] })).exitCode === 0;
}
