import type { Gate } from "./gate.ts";
import { loginOf } from "./normalise.ts";
import { readPages } from "./read-pages.ts";
import type { RepositoryName } from "./repository-name.ts";

export type ReviewEvent = "approve" | "request-changes" | "comment";

/** A review, or an answer to one, as the forge has it. */
export interface ForgeReview {
  readonly id: number;
  readonly author: string;
  readonly isBot: boolean;
  readonly body: string;
  readonly url: string;
  /** Of a review: what it says; null for one that was dismissed or not sent yet. */
  readonly event: ReviewEvent | null;
}

export interface ReviewWrites {
  /** Throws `refused` (422) for a verdict on one's own pull request. */
  postReview(number: number, review: { sha: string; event: ReviewEvent; body: string }): Promise<ForgeReview>;
  reviews(number: number): Promise<readonly ForgeReview[]>;
  /** Answers a line comment of a review; one that is an answer itself takes none. */
  postReviewReply(number: number, commentId: number, body: string): Promise<ForgeReview>;
  /** Throws `refused` (422) for somebody who may not review here, or who opened it. */
  requestReview(number: number, reviewer: string): Promise<void>;
  /** Every line comment of the pull request, answers included. */
  lineComments(number: number): Promise<readonly ForgeReview[]>;
}

export function createReviewWrites(gate: Gate, at: RepositoryName): ReviewWrites {
  const { request } = gate;
  const reviews = "/repos/{owner}/{repo}/pulls/{pull_number}/reviews";
  const comments = "/repos/{owner}/{repo}/pulls/{pull_number}/comments";

  return {
    async postReview(pull_number, { sha, event, body }) {
      const sent = { ...at, pull_number, commit_id: sha, event: events[event], body };
      return normaliseReview((await request(`POST ${reviews}`, sent)).data);
    },

    async reviews(pull_number) {
      return (await readPages<RawReview>(gate, reviews, { ...at, pull_number })).map(normaliseReview);
    },

    async postReviewReply(pull_number, comment_id, body) {
      const route = `POST ${comments}/{comment_id}/replies` as const;
      return normaliseReview((await request(route, { ...at, pull_number, comment_id, body })).data);
    },

    async requestReview(pull_number, reviewer) {
      const route = "POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers";
      await request(route, { ...at, pull_number, reviewers: [reviewer] });
    },

    async lineComments(pull_number) {
      return (await readPages<RawReview>(gate, comments, { ...at, pull_number })).map(normaliseReview);
    },
  };
}

const events = { approve: "APPROVE", "request-changes": "REQUEST_CHANGES", comment: "COMMENT" } as const;

const said: ReadonlyMap<string, ReviewEvent> = new Map([
  ["APPROVED", "approve"],
  ["CHANGES_REQUESTED", "request-changes"],
  ["COMMENTED", "comment"],
]);

interface RawReview {
  id: number | bigint;
  user: { login: string; type?: string } | null;
  body?: string | null;
  state?: string;
  html_url: string;
}

function normaliseReview(raw: RawReview): ForgeReview {
  return {
    id: Number(raw.id),
    author: loginOf(raw.user),
    isBot: raw.user?.type === "Bot",
    body: raw.body ?? "",
    url: raw.html_url,
    event: said.get(raw.state ?? "") ?? null,
  };
}
