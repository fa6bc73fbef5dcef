import { type Anchor, anchorGitText } from "./anchor.ts";
import { checkedSha } from "./anchor-refs.ts";
import { hostIdentity } from "./host-commit.ts";

/** How many commits of a session are in `headSha`, and whether the newest is the host's. Both must be in the anchor. */
export async function commitsOf(
  anchor: Anchor,
  startSha: string,
  headSha: string,
  baseSha?: string,
): Promise<{ readonly commits: number; readonly hostCommit: boolean }> {
  const [start, head] = [checkedSha(startSha), checkedSha(headSha)];
  const not = baseSha === undefined ? [] : [`^${checkedSha(baseSha)}`];
  const all = Number(await anchorGitText(anchor, ["rev-list", "--count", `${start}..${head}`, ...not]));
  const committer = await anchorGitText(anchor, ["log", "-1", "--format=%ce", head]);
  const hostCommit = head !== start && committer === hostIdentity.email;
  return { commits: all - (hostCommit ? 1 : 0), hostCommit };
}
