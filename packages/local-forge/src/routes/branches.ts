import type { Hono } from "hono";
import { followGit } from "../follow-git.ts";
import type { Forge } from "../forge.ts";
import { updateRef } from "../git/bare-repository.ts";
import { readCommit } from "../git/reading.ts";
import { type ApiEnv, repositoryOf } from "../http/call.ts";
import { answerSlice } from "../http/pagination.ts";
import { notFound, Refusal } from "../http/refusal.ts";
import { followForkedHeads } from "../pulls/follow-forked-heads.ts";
import { rulesOfBranch } from "../storage/branch-rules.ts";
import { type Branch, recordedBranch, recordedBranches } from "../storage/branches.ts";
import type { Repository } from "../storage/repositories.ts";
import { viewCommit } from "../views/commit.ts";
import { repositoryApi, repositoryPage } from "../views/repository.ts";
import { nodeId, part } from "../views/shared.ts";

export function branchRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  api.get("/repos/:owner/:repo/branches", (c) => {
    const { repository } = repositoryOf(forge, c);
    const wanted = c.req.query("protected");
    const branches = recordedBranches(forge.db, repository).filter(
      ({ name }) => wanted === undefined || String(rulesOfBranch(forge.db, repository, name) !== null) === wanted,
    );
    return answerSlice(c, branches, (branch) => viewShortBranch(repository, branch));
  });

  api.get("/repos/:owner/:repo/branches/:branch{.+}", async (c) => {
    const { repository } = repositoryOf(forge, c);
    const branch = recordedBranch(forge.db, repository, c.req.param("branch"));
    if (!branch) throw new Refusal(404, "Branch not found");
    const commit = await readCommit(forge.git, forge.gitPath(repository), branch.sha);
    const short = viewShortBranch(repository, branch);
    return c.json({
      ...short,
      commit: viewCommit(forge, repository, commit),
      _links: {
        self: `${repositoryApi(forge, repository)}/branches/${part(branch.name)}`,
        html: `${repositoryPage(forge, repository)}/tree/${part(branch.name)}`,
      },
    });
  });

  api.get("/repos/:owner/:repo/git/ref/:ref{.+}", (c) => {
    const { repository } = repositoryOf(forge, c);
    const branch = recordedBranch(forge.db, repository, branchName(c.req.param("ref")));
    if (!branch) throw notFound();
    const { sha } = branch;
    return c.json({
      ref: `refs/heads/${branch.name}`,
      node_id: nodeId("Ref", `${repository.id}:${branch.name}`),
      url: `${repositoryApi(forge, repository)}/git/refs/heads/${part(branch.name)}`,
      object: { sha, type: "commit", url: `${repositoryApi(forge, repository)}/git/commits/${sha}` },
    });
  });

  api.delete("/repos/:owner/:repo/git/refs/:ref{.+}", async (c) => {
    const { repository, viewer } = repositoryOf(forge, c, "write");
    const name = branchName(c.req.param("ref"));
    await forge.exclusively(repository, async () => {
      const branch = recordedBranch(forge.db, repository, name);
      if (!branch) throw new Refusal(422, "Reference does not exist");
      if (name === repository.default_branch) throw new Refusal(422, "Cannot delete the default branch");
      await updateRef(forge.git, forge.gitPath(repository), `refs/heads/${name}`, null, branch.sha);
      await followGit(forge, repository, viewer.user);
    });
    await followForkedHeads(forge, repository, viewer.user);
    return c.body(null, 204);
  });

  function viewShortBranch(repository: Repository, branch: Branch) {
    const api = repositoryApi(forge, repository);
    const rules = rulesOfBranch(forge.db, repository, branch.name);
    const contexts = rules?.requiredChecks ?? [];
    return {
      name: branch.name,
      commit: { sha: branch.sha, url: `${api}/commits/${branch.sha}` },
      protected: rules !== null,
      protection: {
        enabled: rules !== null,
        required_status_checks: {
          enforcement_level: contexts.length > 0 ? "everyone" : "off",
          contexts,
          checks: contexts.map((context) => ({ context, app_id: null })),
        },
      },
      protection_url: `${api}/branches/${part(branch.name)}/protection`,
    };
  }
}

/** Only branches are shown as refs. */
function branchName(ref: string): string {
  return ref.startsWith("heads/") ? ref.slice("heads/".length) : "";
}
