import { ForgeError, type Issue, type PullRequest } from "@agent-control-plane/core";
import { createForgeWrites, type ForgeComment } from "./forge-writes.ts";
import type { Gate } from "./gate.ts";
import { normaliseIssue, normalisePullRequest, type RawIssue, type RawPullRequest } from "./normalise.ts";
import { readPages } from "./read-pages.ts";
import type { RepositoryName } from "./repository-name.ts";

export type ReviewVerdict = "approve" | "request-changes" | "comment";
export type MergeMethod = "merge" | "squash" | "rebase";

/** What a person asks for by command (`acp issue`, `acp pr`). One call each, sent now; everything thrown is a `ForgeError`. */
export interface Operator {
  createIssue(issue: { title: string; body?: string; labels?: readonly string[] }): Promise<Issue>;
  listIssues(filter?: { state?: "open" | "closed" | "all"; label?: string; limit?: number }): Promise<readonly Issue[]>;
  viewIssue(number: number): Promise<{ readonly issue: Issue; readonly comments: readonly ForgeComment[] }>;
  comment(number: number, body: string): Promise<ForgeComment>;
  /** Adds, then removes; a label to remove that is not there is fine. Answers the labels that are on it now. */
  setLabels(
    number: number,
    change: { add?: readonly string[]; remove?: readonly string[] },
  ): Promise<readonly string[]>;
  /** Whether it was made; false when it was there (its colour and description stay). `color`: six hex digits. */
  ensureLabel(label: { name: string; color?: string; description?: string }): Promise<boolean>;
  closeIssue(number: number, reason?: "completed" | "not_planned"): Promise<Issue>;
  listPulls(filter?: { state?: "open" | "closed" | "all"; limit?: number }): Promise<readonly PullRequest[]>;
  /** `mergeable` is null while the forge still works it out. */
  viewPull(number: number): Promise<{
    readonly pull: PullRequest;
    readonly mergeable: boolean | null;
    readonly comments: readonly ForgeComment[];
  }>;
  pullDiff(number: number): Promise<string>;
  review(
    number: number,
    review: { verdict: ReviewVerdict; body?: string; sha?: string },
  ): Promise<{ readonly url: string }>;
  /** Merges only while the head is `sha`; throws `refused` (409) when it moved and (405) when it cannot be merged. */
  mergePull(number: number, merge: { sha: string; method?: MergeMethod }): Promise<{ readonly sha: string }>;
}

export function createOperator(gate: Gate, { owner, repo }: RepositoryName): Operator {
  const at = { owner, repo };
  const { request } = gate;
  const writes = createForgeWrites(gate, at);

  return {
    async createIssue({ title, body, labels }) {
      const { data } = await request("POST /repos/{owner}/{repo}/issues", {
        ...at,
        title,
        ...(body === undefined ? {} : { body }),
        ...(labels === undefined ? {} : { labels: [...labels] }),
      });
      return normaliseIssue(data as RawIssue);
    },

    async listIssues({ state = "open", label, limit = 100 } = {}) {
      const query = { state, ...(label === undefined ? {} : { labels: label }) };
      // Pull requests come in the same list and are dropped: read on until enough issues are there.
      const isIssue = (raw: RawIssue) => raw.pull_request === undefined;
      const raw = await readPages(gate, "/repos/{owner}/{repo}/issues", { ...at, ...query }, limit, isIssue);
      return raw.map(normaliseIssue);
    },

    async viewIssue(issue_number) {
      const { data } = await request("GET /repos/{owner}/{repo}/issues/{issue_number}", { ...at, issue_number });
      return { issue: normaliseIssue(data as RawIssue), comments: await writes.comments(issue_number) };
    },

    comment: writes.postComment,

    async setLabels(number, { add = [], remove = [] }) {
      if (add.length > 0) await writes.addLabels(number, add);
      for (const name of remove) await writes.removeLabel(number, name);
      return writes.labels(number);
    },

    async ensureLabel({ name, color = "ededed", description }) {
      try {
        await request("GET /repos/{owner}/{repo}/labels/{name}", { ...at, name });
        return false;
      } catch (error) {
        if (!(error instanceof ForgeError) || error.failure !== "gone") throw error;
      }
      const details = { name, color, ...(description === undefined ? {} : { description }) };
      await request("POST /repos/{owner}/{repo}/labels", { ...at, ...details });
      return true;
    },

    async closeIssue(issue_number, state_reason = "completed") {
      const change = { ...at, issue_number, state: "closed" as const, state_reason };
      const { data } = await request("PATCH /repos/{owner}/{repo}/issues/{issue_number}", change);
      return normaliseIssue(data as RawIssue);
    },

    async listPulls({ state = "open", limit = 100 } = {}) {
      const raw = await readPages<RawPullRequest>(gate, "/repos/{owner}/{repo}/pulls", { ...at, state }, limit);
      return raw.map(normalisePullRequest);
    },

    async viewPull(pull_number) {
      const { data } = await request("GET /repos/{owner}/{repo}/pulls/{pull_number}", { ...at, pull_number });
      const pull = normalisePullRequest(data as RawPullRequest);
      return { pull, mergeable: data.mergeable, comments: await writes.comments(pull_number) };
    },

    async pullDiff(pull_number) {
      const { data } = await request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
        ...at,
        pull_number,
        headers: { accept: "application/vnd.github.diff" },
      });
      // With this Accept header the answer is the diff itself, which the types do not know.
      return asText(data);
    },

    async review(pull_number, { verdict, body, sha }) {
      const { data } = await request("POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews", {
        ...at,
        pull_number,
        event: reviewEvents[verdict],
        ...(body === undefined ? {} : { body }),
        ...(sha === undefined ? {} : { commit_id: sha }),
      });
      return { url: data.html_url };
    },

    async mergePull(pull_number, { sha, method = "merge" }) {
      const route = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge";
      const { data } = await request(route, { ...at, pull_number, sha, merge_method: method });
      return { sha: data.sha };
    },
  };
}

const reviewEvents = { approve: "APPROVE", "request-changes": "REQUEST_CHANGES", comment: "COMMENT" } as const;

function asText(body: unknown): string {
  if (typeof body === "string") return body;
  throw new ForgeError("unreachable", "The forge answered something else than a diff.");
}
