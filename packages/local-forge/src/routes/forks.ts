import type { Hono } from "hono";
import { createFork } from "../create-fork.ts";
import { deleteRepository } from "../delete-repository.ts";
import type { Forge } from "../forge.ts";
import { readBody } from "../http/body.ts";
import { type ApiEnv, repositoryOf } from "../http/call.ts";
import { answerSlice } from "../http/pagination.ts";
import { Refusal } from "../http/refusal.ts";
import { findRepository, forksOf } from "../storage/repositories.ts";
import { viewMinimalRepository, viewRepository } from "../views/repository.ts";

/** Forks, and the deletion of a repository. A fork is there when the answer comes; GitHub takes its time. */
export function forkRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  api.get("/repos/:owner/:repo/forks", (c) => {
    const { repository } = repositoryOf(forge, c);
    return answerSlice(c, forksOf(forge.db, repository), (fork) => viewMinimalRepository(forge, fork));
  });

  api.post("/repos/:owner/:repo/forks", async (c) => {
    const { repository, viewer } = repositoryOf(forge, c);
    const known = forksOf(forge.db, repository).find((fork) => fork.owner_id === viewer.user.id);
    const name = readBody(c.env.call.body ?? {}, "Repository").text("name") ?? repository.name;
    if (!known && findRepository(forge.db, viewer.user.login, name)) {
      throw new Refusal(403, `${viewer.user.login}/${name} exists already: choose another name`);
    }
    const fork = known ?? (await createFork(forge, repository, viewer.user, name));
    return c.json(viewRepository(forge, fork, "admin"), 202);
  });

  api.delete("/repos/:owner/:repo", async (c) => {
    const { repository } = repositoryOf(forge, c, "admin");
    await deleteRepository(forge, repository);
    return c.body(null, 204);
  });
}
