import { ForgeError } from "@agent-control-plane/core";
import { type CommitWrites, createCommitWrites } from "./commit-writes.ts";
import type { Gate } from "./gate.ts";
import { createIssueWrites, type IssueWrites } from "./issue-writes.ts";
import { createMergeQueueWrites, type MergeQueueWrites } from "./merge-queue-writes.ts";
import { loginOf } from "./normalise.ts";
import { createPullRequestWrites, type PullRequestWrites } from "./pull-request-writes.ts";
import { readPages } from "./read-pages.ts";
import type { RepositoryName } from "./repository-name.ts";
import { createReviewWrites, type ReviewWrites } from "./review-writes.ts";

export interface ForgeComment {
  readonly id: number;
  readonly author: string;
  /** Written by a program that is registered at the forge, not by a person's account. */
  readonly isBot: boolean;
  readonly body: string;
  readonly createdAt: number;
  readonly url: string;
}

/** The writes the outbox makes, each one request, and the reads that settle them. Everything thrown is a `ForgeError`. */
export interface ForgeWrites
  extends IssueWrites,
    PullRequestWrites,
    ReviewWrites,
    CommitWrites,
    MergeQueueWrites,
    ThreadWrites {
  /** The login behind the token, or null where the forge does not say (tokens of GitHub Apps). Asked once. */
  login(): Promise<string | null>;
}

/** What goes under an issue or pull request, and the repository's labels. */
export interface ThreadWrites {
  postComment(number: number, body: string): Promise<ForgeComment>;
  comments(number: number): Promise<readonly ForgeComment[]>;
  addLabels(number: number, labels: readonly string[]): Promise<void>;
  /** False when the forge finds nothing: not this label, or not the issue. */
  removeLabel(number: number, label: string): Promise<boolean>;
  labels(number: number): Promise<readonly string[]>;
  /** Throws `refused` (422) when the repository has it already. `color`: six hex digits. */
  createLabel(label: { name: string; color: string; description: string }): Promise<void>;
  hasLabel(name: string): Promise<boolean>;
}

export function createForgeWrites(gate: Gate, { owner, repo }: RepositoryName): ForgeWrites {
  const at = { owner, repo };
  const { request } = gate;
  let login: string | null | undefined;

  return {
    ...createIssueWrites(gate, at),
    ...createPullRequestWrites(gate, at),
    ...createReviewWrites(gate, at),
    ...createCommitWrites(gate, at),
    ...createMergeQueueWrites(gate, at),

    async postComment(issue_number, body) {
      const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
      return normaliseComment((await request(route, { ...at, issue_number, body })).data as RawComment);
    },

    async comments(issue_number) {
      const route = "/repos/{owner}/{repo}/issues/{issue_number}/comments";
      return (await readPages<RawComment>(gate, route, { ...at, issue_number })).map(normaliseComment);
    },

    async addLabels(issue_number, labels) {
      const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/labels";
      await request(route, { ...at, issue_number, labels: [...labels] });
    },

    async removeLabel(issue_number, name) {
      const route = "DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}";
      try {
        await request(route, { ...at, issue_number, name });
        return true;
      } catch (error) {
        if (error instanceof ForgeError && error.failure === "gone") return false;
        throw error;
      }
    },

    async labels(issue_number) {
      const route = "/repos/{owner}/{repo}/issues/{issue_number}/labels";
      return (await readPages<{ name: string }>(gate, route, { ...at, issue_number })).map((label) => label.name);
    },

    async createLabel({ name, color, description }) {
      await request("POST /repos/{owner}/{repo}/labels", { ...at, name, color, description });
    },

    async hasLabel(name) {
      try {
        await request("GET /repos/{owner}/{repo}/labels/{name}", { ...at, name });
        return true;
      } catch (error) {
        if (error instanceof ForgeError && error.failure === "gone") return false;
        throw error;
      }
    },

    async login() {
      if (login === undefined) login = await readLogin(request);
      return login;
    },
  };
}

interface RawComment {
  id: number;
  user: { login: string; type?: string } | null;
  body?: string;
  created_at: string;
  html_url: string;
}

function normaliseComment(raw: RawComment): ForgeComment {
  return {
    id: raw.id,
    author: loginOf(raw.user),
    isBot: raw.user?.type === "Bot",
    body: raw.body ?? "",
    createdAt: Date.parse(raw.created_at),
    url: raw.html_url,
  };
}

/** A token of a GitHub App may not ask who it is (403); a wrong token (401) is an error like anywhere. */
async function readLogin(request: Gate["request"]): Promise<string | null> {
  try {
    return (await request("GET /user")).data.login;
  } catch (error) {
    if (error instanceof ForgeError && error.details.status === 403 && error.failure === "refused") return null;
    throw error;
  }
}
