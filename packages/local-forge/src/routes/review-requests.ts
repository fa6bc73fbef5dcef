import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { readBody } from "../http/body.ts";
import { type ApiContext, type ApiEnv, pullOf, repositoryOf } from "../http/call.ts";
import { Refusal } from "../http/refusal.ts";
import { type User, userByLogin } from "../storage/accounts.ts";
import { recordEvent } from "../storage/events.ts";
import { touchIssue } from "../storage/issues.ts";
import { findPull, type Pull } from "../storage/pulls.ts";
import { permissionOf, type Repository, reaches } from "../storage/repositories.ts";
import { dropReviewRequest, requestedReviewers, requestReview } from "../storage/review-requests.ts";
import { viewPullSimple } from "../views/pull.ts";
import { viewUser } from "../views/user.ts";

/** Who is asked to review a pull request. People only: there are no teams here. */
export function reviewRequestRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  const path = "/repos/:owner/:repo/pulls/:number{[0-9]+}/requested_reviewers";

  api.get(path, (c) => {
    const { repository } = repositoryOf(forge, c);
    const users = requestedReviewers(forge.db, pullOf(forge, c, repository).id);
    return c.json({ users: users.map((user) => viewUser(forge, user)), teams: [] });
  });

  api.post(path, (c) => change(c, "review_requested"));
  api.delete(path, (c) => change(c, "review_request_removed"));

  function change(c: ApiContext, event: "review_requested" | "review_request_removed"): Response {
    const { repository, viewer, permission } = repositoryOf(forge, c, "write");
    const pull = pullOf(forge, c, repository);
    const asking = event === "review_requested";
    const reviewers = wantedReviewers(c, repository, pull);
    forge.db.atomically(() => {
      for (const reviewer of reviewers) {
        const changed = (asking ? requestReview : dropReviewRequest)(forge.db, pull.id, reviewer);
        if (!changed) continue;
        recordEvent(forge.db, pull.id, viewer.user, event, forge.now(), { reviewer });
        touchIssue(forge.db, pull.id, forge.now());
      }
    });
    const now = findPull(forge.db, repository, pull.number) as Pull;
    return c.json(viewPullSimple(forge, repository, now, permission), asking ? 201 : 200);
  }

  function wantedReviewers(c: ApiContext, repository: Repository, pull: Pull): User[] {
    const body = readBody(c.env.call.body, "PullRequest");
    if ((body.texts("team_reviewers") ?? []).length > 0) throw notCollaborator(repository);
    return (body.texts("reviewers") ?? []).map((login) => {
      const user = userByLogin(forge.db, login);
      if (!user || !reaches(permissionOf(forge.db, repository, user), "read")) throw notCollaborator(repository);
      if (user.id === pull.author_id) throw new Refusal(422, "Review cannot be requested from pull request author.");
      return user;
    });
  }
}

function notCollaborator(repository: Repository): Refusal {
  const name = `${repository.owner}/${repository.name}`;
  return new Refusal(
    422,
    `Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the ${name} repository.`,
  );
}
