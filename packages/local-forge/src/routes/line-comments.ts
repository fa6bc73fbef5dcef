import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { changedFiles, mergeBase } from "../git/reading.ts";
import { readBody } from "../http/body.ts";
import { type ApiEnv, numberParam, pullOf, repositoryOf } from "../http/call.ts";
import { answerSlice } from "../http/pagination.ts";
import { invalid, notFound } from "../http/refusal.ts";
import { findInPatch } from "../pulls/find-in-patch.ts";
import type { User } from "../storage/accounts.ts";
import { insertLineComment, type LineComment, lineCommentsOfPull } from "../storage/line-comments.ts";
import { insertReview, type Pull } from "../storage/pulls.ts";
import type { Repository } from "../storage/repositories.ts";
import { viewLineComment } from "../views/line-comment.ts";
import { instantQuery } from "./issues.ts";

type Place = Pick<LineComment, "path" | "side" | "line" | "position" | "diff_hunk" | "in_reply_to_id">;

/** Comments on single lines. Each is a review of its own, as at GitHub when it is not part of a longer one. */
export function lineCommentRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  const path = "/repos/:owner/:repo/pulls/:number{[0-9]+}/comments";

  api.get(path, (c) => {
    const { repository } = repositoryOf(forge, c);
    const { id, number } = pullOf(forge, c, repository);
    const since = instantQuery(c, "since") ?? 0;
    const comments = lineCommentsOfPull(forge.db, id).filter((comment) => comment.created_at >= since);
    if (c.req.query("direction") === "desc" && c.req.query("sort") !== undefined) comments.reverse();
    return answerSlice(c, comments, (comment) => viewLineComment(forge, repository, number, comment));
  });

  api.post(path, async (c) => {
    const { repository, viewer } = repositoryOf(forge, c);
    const pull = pullOf(forge, c, repository);
    const text = readBody(c.env.call.body, "PullRequestReviewComment").requiredText("body");
    const place = await wantedPlace(repository, pull, c.env.call.body);
    const made = insertOnLine(pull, viewer.user, place, text);
    return c.json(viewLineComment(forge, repository, pull.number, made), 201);
  });

  api.post(`${path}/:comment{[0-9]+}/replies`, (c) => {
    const { repository, viewer } = repositoryOf(forge, c);
    const pull = pullOf(forge, c, repository);
    const wanted = numberParam(c, "comment");
    const first = lineCommentsOfPull(forge.db, pull.id).find(({ id }) => id === wanted);
    // GitHub takes no answers to answers.
    if (!first || first.in_reply_to_id !== null) throw notFound();
    const text = readBody(c.env.call.body, "PullRequestReviewComment").requiredText("body");
    const made = insertOnLine(pull, viewer.user, { ...pickPlace(first), in_reply_to_id: first.id }, text);
    return c.json(viewLineComment(forge, repository, pull.number, made), 201);
  });

  function insertOnLine(pull: Pull, author: User, place: Place, text: string): LineComment {
    const now = forge.now();
    return forge.db.atomically(() => {
      const review = { author, state: "COMMENTED", body: "", commitId: pull.head_sha };
      const { id } = insertReview(forge.db, pull, review, now);
      const by = { issue_id: pull.id, review_id: id, author_id: author.id, commit_id: pull.head_sha };
      return insertLineComment(forge.db, { ...by, ...place, body: text, created_at: now });
    });
  }

  async function wantedPlace(repository: Repository, pull: Pull, given: unknown): Promise<Place> {
    const body = readBody(given, "PullRequestReviewComment");
    const replied = Number(body.text("in_reply_to") ?? 0);
    if (replied > 0) {
      const first = lineCommentsOfPull(forge.db, pull.id).find((comment) => comment.id === replied);
      if (!first) throw wrong("in_reply_to", "is not a comment of this pull request");
      return { ...pickPlace(first), in_reply_to_id: first.in_reply_to_id ?? first.id };
    }
    const path = forge.gitPath(repository);
    const start = (await mergeBase(forge.git, path, pull.base_sha, pull.head_sha)) ?? pull.base_sha;
    const files = await changedFiles(forge.git, path, start, pull.head_sha);
    const file = files.find(({ filename }) => filename === body.requiredText("path"));
    if (!file) throw wrong("path", "is not part of the diff");
    const line = Number(body.text("line") ?? 0);
    const side = body.oneOf("side", ["LEFT", "RIGHT"]) ?? "RIGHT";
    const found = findInPatch(file.patch ?? "", line, side);
    if (!found) throw wrong("line", "must be part of the diff");
    return { path: file.filename, side, line, position: found.position, diff_hunk: found.hunk, in_reply_to_id: null };
  }
}

function pickPlace({ path, side, line, position, diff_hunk }: LineComment) {
  return { path, side, line, position, diff_hunk };
}

function wrong(field: string, message: string) {
  return invalid({ resource: "PullRequestReviewComment", field, code: "custom", message: `${field} ${message}` });
}
