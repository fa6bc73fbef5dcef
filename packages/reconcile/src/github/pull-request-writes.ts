import type { PullRequest } from "@agent-control-plane/core";
import type { Gate } from "./gate.ts";
import { normalisePullRequest, type RawPullRequest } from "./normalise.ts";
import { readPages } from "./read-pages.ts";
import type { RepositoryName } from "./repository-name.ts";

/** A pull request read on its own, with what became of it. */
export interface SeenPullRequest extends PullRequest {
  /** The commit it came into the base as; null while it is not merged. */
  readonly mergeSha: string | null;
}

export interface WantedMerge {
  /** Merged only while the head is this. */
  readonly sha: string;
  readonly method: "merge" | "squash" | "rebase";
  readonly title: string | null;
  readonly message: string | null;
}

export interface PullRequestWrites {
  openPullRequest(pull: {
    head: string;
    base: string;
    title: string;
    body: string;
    draft: boolean;
  }): Promise<PullRequest>;
  /** Every pull request, open or closed, whose head is this branch of the repository itself. */
  pullRequestsFrom(branch: string): Promise<readonly PullRequest[]>;
  /** As it is now. */
  pullRequest(number: number): Promise<SeenPullRequest>;
  updatePullRequest(
    number: number,
    change: { title?: string; body?: string; state?: "closed" },
  ): Promise<SeenPullRequest>;
  /** Throws `refused`: 405 when it cannot be merged now, 409 when its head is another one. */
  mergePullRequest(number: number, merge: WantedMerge): Promise<void>;
}

export function createPullRequestWrites(gate: Gate, at: RepositoryName): PullRequestWrites {
  const { request } = gate;
  const one = "/repos/{owner}/{repo}/pulls/{pull_number}";

  return {
    async openPullRequest(pull) {
      const { data } = await request("POST /repos/{owner}/{repo}/pulls", { ...at, ...pull });
      return normalisePullRequest(data as RawPullRequest);
    },

    async pullRequestsFrom(branch) {
      const query = { ...at, head: `${at.owner}:${branch}`, state: "all" };
      const raw = await readPages<RawPullRequest>(gate, "/repos/{owner}/{repo}/pulls", query);
      // Forges other than GitHub have been seen to ignore a `head` filter they do not understand.
      return raw.map(normalisePullRequest).filter((pull) => pull.headRef === branch);
    },

    async pullRequest(pull_number) {
      return normaliseSeen((await request(`GET ${one}`, { ...at, pull_number })).data as RawSeen);
    },

    async updatePullRequest(pull_number, change) {
      return normaliseSeen((await request(`PATCH ${one}`, { ...at, pull_number, ...change })).data as RawSeen);
    },

    async mergePullRequest(pull_number, { sha, method, title, message }) {
      await request(`PUT ${one}/merge`, {
        ...at,
        pull_number,
        sha,
        merge_method: method,
        ...(title === null ? {} : { commit_title: title }),
        ...(message === null ? {} : { commit_message: message }),
      });
    },
  };
}

type RawSeen = RawPullRequest & { merge_commit_sha?: string | null };

/** Before the merge `merge_commit_sha` names a try of the forge's own. */
function normaliseSeen(raw: RawSeen): SeenPullRequest {
  const pull = normalisePullRequest(raw);
  return { ...pull, mergeSha: pull.merged ? (raw.merge_commit_sha ?? null) : null };
}
