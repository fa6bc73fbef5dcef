import { ForgeError, type Instant } from "@agent-control-plane/core";
import type { Gate } from "./gate.ts";
import { loginOf } from "./normalise.ts";
import { readPages } from "./read-pages.ts";
import type { RepositoryName } from "./repository-name.ts";

export type StatusState = "pending" | "success" | "failure" | "error";

export interface CommitStatus {
  readonly id: number;
  readonly state: string;
  readonly context: string;
  readonly description: string;
  readonly author: string;
  readonly isBot: boolean;
  readonly createdAt: Instant;
}

/** One run of a workflow at one commit. */
export interface WorkflowRun {
  readonly headSha: string;
  readonly isCompleted: boolean;
  /** When its latest attempt began; null where the forge does not say. */
  readonly startedAt: Instant | null;
}

export interface CommitWrites {
  setStatus(sha: string, status: { state: StatusState; context: string; description: string }): Promise<CommitStatus>;
  /** The statuses of a commit, newest first, at most the newest 1,000. */
  statuses(sha: string): Promise<readonly CommitStatus[]>;
  /** The head of a branch, read now; null when there is no such branch. */
  branchHead(branch: string): Promise<string | null>;
  defaultBranch(): Promise<string>;
  /** Throws `refused` (422) when it is not there. */
  deleteBranch(branch: string): Promise<void>;
  workflowRun(id: number): Promise<WorkflowRun>;
  /** Throws `refused` (403) when it runs already or has nothing that failed. */
  rerunFailedJobs(runId: number): Promise<void>;
}

export function createCommitWrites(gate: Gate, at: RepositoryName): CommitWrites {
  const { request } = gate;

  return {
    async setStatus(sha, status) {
      const { data } = await request("POST /repos/{owner}/{repo}/statuses/{sha}", { ...at, sha, ...status });
      return normaliseStatus(data);
    },

    async statuses(ref) {
      const route = "/repos/{owner}/{repo}/commits/{ref}/statuses";
      return (await readPages<RawStatus>(gate, route, { ...at, ref }, 1_000)).map(normaliseStatus);
    },

    async branchHead(branch) {
      try {
        const { data } = await request("GET /repos/{owner}/{repo}/git/ref/{ref}", { ...at, ref: `heads/${branch}` });
        return data.object.sha;
      } catch (error) {
        if (error instanceof ForgeError && error.failure === "gone") return null;
        throw error;
      }
    },

    async defaultBranch() {
      return (await request("GET /repos/{owner}/{repo}", { ...at })).data.default_branch;
    },

    async deleteBranch(branch) {
      await request("DELETE /repos/{owner}/{repo}/git/refs/{ref}", { ...at, ref: `heads/${branch}` });
    },

    async workflowRun(run_id) {
      const { data } = await request("GET /repos/{owner}/{repo}/actions/runs/{run_id}", { ...at, run_id });
      const startedAt = Date.parse(data.run_started_at ?? "");
      return {
        headSha: data.head_sha,
        isCompleted: data.status === "completed",
        startedAt: Number.isNaN(startedAt) ? null : startedAt,
      };
    },

    async rerunFailedJobs(run_id) {
      await request("POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs", { ...at, run_id });
    },
  };
}

interface RawStatus {
  id: number;
  state: string;
  context: string;
  description: string | null;
  creator: { login: string; type?: string } | null;
  created_at: string;
}

function normaliseStatus(raw: RawStatus): CommitStatus {
  return {
    id: raw.id,
    state: raw.state,
    context: raw.context,
    description: raw.description ?? "",
    author: loginOf(raw.creator),
    isBot: raw.creator?.type === "Bot",
    createdAt: Date.parse(raw.created_at),
  };
}
