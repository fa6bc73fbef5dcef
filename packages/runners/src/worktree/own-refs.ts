import type { Instant } from "@agent-control-plane/core";
import { type Anchor, anchorGitText } from "./anchor.ts";

/** A ref of ours in an anchor. */
export interface OwnRef {
  readonly name: string;
  readonly kind: string;
  /** The session, or what else the ref is named for. */
  readonly id: string;
  readonly sha: string;
  /** When its commit was made. */
  readonly at: Instant;
}

const kinds = ["runs", "collected", "rescue", "bases", "heads"];

/** Every one of them, the oldest first. */
export async function ownRefs(anchor: Anchor): Promise<readonly OwnRef[]> {
  const format = "--format=%(objectname) %(committerdate:unix) %(refname)";
  const text = await anchorGitText(anchor, ["for-each-ref", "--sort=committerdate", format, "refs/acp/"]);
  return text.split("\n").flatMap((line) => {
    const [, sha = "", seconds = "", name = "", kind = "", id = ""] =
      /^([0-9a-f]{40}) (\d+) (refs\/acp\/([a-z]+)\/([^/]+))$/.exec(line) ?? [];
    // The commit a worktree's base branch had stands beside the one it began at.
    return kinds.includes(kind) ? [{ name, kind, id: id.replace(/\.onto$/, ""), sha, at: Number(seconds) * 1000 }] : [];
  });
}
