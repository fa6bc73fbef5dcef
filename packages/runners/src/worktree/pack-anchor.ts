import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Instant, Millis } from "@agent-control-plane/core";
import { type Anchor, anchorGit } from "./anchor.ts";

/** More loose objects or packs than these make every git command slower. */
const mostLoose = 5_000;
const mostPacks = 40;
const everyMs: Millis = 24 * 3_600_000;
const stampFile = "acp-packed";

/**
 * Packs the anchor when it has become many files, at most once a day, in one thread. Objects that no ref names go after
 * two weeks: long after whatever was importing or borrowing them. Git's own lock keeps two of these apart, and ends the
 * second one; what a dead one left is taken over by git after half a day.
 */
export async function packAnchor(
  anchor: Anchor,
  now: Instant,
  { loose = mostLoose, packs = mostPacks, pruneAfter = "2.weeks.ago" } = {},
): Promise<boolean> {
  const stamp = join(anchor.path, stampFile);
  const packedAt = (await stat(stamp).catch(() => null))?.mtimeMs ?? 0;
  if (Math.abs(now - packedAt) < everyMs) return false;
  if ((await countLoose(anchor)) < loose && (await countPacks(anchor)) < packs) return false;
  // Written first: one that fails each time is not tried each hour.
  await writeFile(stamp, "");
  const quietly = ["-c", "gc.writeCommitGraph=false", "-c", "pack.threads=1", "-c", "pack.windowMemory=128m"];
  const args = [...quietly, "gc", "--quiet", `--prune=${pruneAfter}`];
  await anchorGit(anchor, args, { timeoutMs: 1_200_000 });
  return true;
}

/** As git does itself: one of 256 folders stands for all. */
async function countLoose(anchor: Anchor): Promise<number> {
  return (await namesIn(join(anchor.path, "objects", "17"))).length * 256;
}

async function countPacks(anchor: Anchor): Promise<number> {
  return (await namesIn(join(anchor.path, "objects", "pack"))).filter((name) => name.endsWith(".pack")).length;
}

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);
