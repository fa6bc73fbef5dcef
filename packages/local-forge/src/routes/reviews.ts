import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { readBody } from "../http/body.ts";
import { type ApiEnv, pullOf, repositoryOf } from "../http/call.ts";
import { answerSlice } from "../http/pagination.ts";
import { Refusal } from "../http/refusal.ts";
import { mergeWaiting } from "../pulls/merge-waiting.ts";
import { insertReview, reviewsOfPull } from "../storage/pulls.ts";
import { dropReviewRequest } from "../storage/review-requests.ts";
import { viewReview } from "../views/pull.ts";

const states = { APPROVE: "APPROVED", REQUEST_CHANGES: "CHANGES_REQUESTED", COMMENT: "COMMENTED" } as const;

/** Reviews as a whole. Comments on lines are sent one by one; sending them with a review is refused. */
export function reviewRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  const one = "/repos/:owner/:repo/pulls/:number{[0-9]+}";

  api.get(`${one}/reviews`, (c) => {
    const { repository } = repositoryOf(forge, c);
    const pull = pullOf(forge, c, repository);
    return answerSlice(c, reviewsOfPull(forge.db, pull.id), (review) => viewReview(forge, repository, pull, review));
  });

  api.post(`${one}/reviews`, async (c) => {
    const { repository, viewer } = repositoryOf(forge, c);
    const pull = pullOf(forge, c, repository);
    const body = readBody(c.env.call.body, "PullRequestReview");
    const event = body.oneOf("event", ["APPROVE", "REQUEST_CHANGES", "COMMENT"]);
    const text = body.text("body") ?? "";
    const own = pull.author_id === viewer.user.id;
    if (own && event === "APPROVE") throw unprocessable("Review Can not approve your own pull request");
    if (own && event === "REQUEST_CHANGES") {
      throw unprocessable("Review Can not request changes on your own pull request");
    }
    if (text === "" && (event === "REQUEST_CHANGES" || event === "COMMENT")) {
      throw unprocessable("Body can not be blank");
    }
    refuseLineComments(c.env.call.body);
    const review = { author: viewer.user, state: event ? states[event] : "PENDING", body: text };
    const commitId = body.text("commit_id") ?? pull.head_sha;
    const made = forge.db.atomically(() => {
      // Who has reviewed is no longer asked to; GitHub tells nobody.
      if (event !== null) dropReviewRequest(forge.db, pull.id, viewer.user);
      return insertReview(forge.db, pull, { ...review, commitId }, forge.now());
    });
    await mergeWaiting(forge, repository);
    return c.json(viewReview(forge, repository, pull, made));
  });
}

function refuseLineComments(body: unknown): void {
  const comments = (body as { comments?: unknown } | undefined)?.comments;
  if (Array.isArray(comments) && comments.length > 0) {
    throw unprocessable("The local forge takes no comments on lines within a review: send them one by one");
  }
}

function unprocessable(message: string): Refusal {
  return new Refusal(422, "Unprocessable Entity", [message]);
}
