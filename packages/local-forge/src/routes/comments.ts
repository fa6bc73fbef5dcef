import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { readBody } from "../http/body.ts";
import { type ApiContext, type ApiEnv, forbidden, issueOf, numberParam, repositoryOf } from "../http/call.ts";
import { answerSlice } from "../http/pagination.ts";
import { notFound } from "../http/refusal.ts";
import type { Viewer } from "../storage/accounts.ts";
import { recordBodyEdit } from "../storage/body-edits.ts";
import {
  type Comment,
  deleteComment,
  findComment,
  insertComment,
  listComments,
  updateComment,
} from "../storage/comments.ts";
import { type Repository, reaches } from "../storage/repositories.ts";
import { viewComment } from "../views/issue.ts";
import { instantQuery, issueText } from "./issues.ts";

export function commentRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  const ofIssue = "/repos/:owner/:repo/issues/:number{[0-9]+}/comments";
  const one = "/repos/:owner/:repo/issues/comments/:id{[0-9]+}";

  api.get(ofIssue, (c) => {
    const { repository } = repositoryOf(forge, c);
    const comments = listComments(forge.db, repository, issueOf(forge, c, repository), instantQuery(c, "since"));
    return answerSlice(c, comments, (comment) => viewComment(forge, repository, comment));
  });

  api.get("/repos/:owner/:repo/issues/comments", (c) => {
    const { repository } = repositoryOf(forge, c);
    const comments = listComments(forge.db, repository, null, instantQuery(c, "since"));
    return answerSlice(c, comments, (comment) => viewComment(forge, repository, comment));
  });

  api.post(ofIssue, (c) => {
    const { repository, viewer } = repositoryOf(forge, c);
    const issue = issueOf(forge, c, repository);
    const body = commentText(c);
    const comment = forge.db.atomically(() => insertComment(forge.db, issue, viewer.user, body, forge.now()));
    const shown = viewComment(forge, repository, comment);
    return c.json(shown, 201, { Location: shown.url });
  });

  api.get(one, (c) => {
    const { repository } = repositoryOf(forge, c);
    return c.json(viewComment(forge, repository, commentOf(c, repository)));
  });

  api.patch(one, (c) => {
    const { repository, viewer, comment } = ownComment(c);
    const body = commentText(c);
    forge.db.atomically(() => {
      updateComment(forge.db, comment, body, forge.now());
      if (body !== comment.body) recordBodyEdit(forge.db, "comment", comment.id, viewer.user, forge.now());
    });
    return c.json(viewComment(forge, repository, commentOf(c, repository)));
  });

  api.delete(one, (c) => {
    const { comment } = ownComment(c);
    forge.db.atomically(() => deleteComment(forge.db, comment, forge.now()));
    return c.body(null, 204);
  });

  function commentOf(c: ApiContext, repository: Repository): Comment {
    const comment = findComment(forge.db, repository, numberParam(c, "id"));
    if (!comment) throw notFound();
    return comment;
  }

  /** Changing a comment takes its author, or write permission. */
  function ownComment(c: ApiContext): { repository: Repository; viewer: Viewer; comment: Comment } {
    const { repository, viewer, permission } = repositoryOf(forge, c);
    const comment = commentOf(c, repository);
    if (comment.author_id !== viewer.user.id && !reaches(permission, "write")) throw forbidden();
    return { repository, viewer, comment };
  }
}

function commentText(c: ApiContext): string {
  return issueText(readBody(c.env.call.body, "IssueComment").requiredText("body")) as string;
}
