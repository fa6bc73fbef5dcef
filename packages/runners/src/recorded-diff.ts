import { existsSync } from "node:fs";
import { type ChangedFile, changedFiles, diff, openAnchor } from "./worktree/index.ts";

export interface RecordedDiff {
  readonly files: readonly ChangedFile[];
  /** Unified; hostile text, as whoever wrote the work left it. */
  readonly patch: string;
  /** It was longer, and ends after the last whole line that fitted. */
  readonly truncated: boolean;
}

/**
 * What lies between two commits of a profile's own repository, whether or not the worktree is still there; null when
 * there is no such repository here. Throws `GitError`, among others for a commit that is not there any more.
 */
export async function recordedDiff(of: {
  readonly anchorPath: string;
  readonly fromSha: string;
  readonly toSha: string;
  readonly maxBytes: number;
}): Promise<RecordedDiff | null> {
  if (!existsSync(of.anchorPath)) return null;
  const anchor = await openAnchor({ path: of.anchorPath });
  const { text, truncated } = await diff(anchor, of.fromSha, of.toSha, { maxBytes: of.maxBytes });
  return { files: await changedFiles(anchor, of.fromSha, of.toSha), patch: text, truncated };
}
