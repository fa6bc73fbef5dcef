import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { changedFiles, commitsBetween, mergeBase, readCommit, readDiff } from "../git/reading.ts";
import { readBody } from "../http/body.ts";
import { type ApiContext, type ApiEnv, repositoryOf } from "../http/call.ts";
import { answerSlice } from "../http/pagination.ts";
import { invalid, notFound, Refusal } from "../http/refusal.ts";
import { mergeWaiting } from "../pulls/merge-waiting.ts";
import { recordedBranch } from "../storage/branches.ts";
import { forksOf, type Repository } from "../storage/repositories.ts";
import { currentStatuses, insertStatus, statusesOfCommit } from "../storage/statuses.ts";
import { viewChangedFile, viewCommit } from "../views/commit.ts";
import { repositoryApi, repositoryPage } from "../views/repository.ts";
import { viewCombinedStatus, viewStatus } from "../views/status.ts";
import { answerCheckRuns, answerCheckSuites } from "./checks-of-commit.ts";
import { commitOf } from "./commit-of.ts";

const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
export function commitRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  // A ref may hold slashes, so what follows it is told apart here.
  api.get("/repos/:owner/:repo/commits/:rest{.+}", async (c) => {
    const { repository } = repositoryOf(forge, c);
    const [, ref = "", view] =
      /^(.+?)(?:\/(status|statuses|check-runs|check-suites))?$/s.exec(c.req.param("rest")) ?? [];
    const sha = await commitOf(forge, repository, ref);
    if (view === "status") {
      return c.json(viewCombinedStatus(forge, repository, sha, currentStatuses(forge.db, repository, sha)));
    }
    if (view === "statuses") {
      const statuses = statusesOfCommit(forge.db, repository, sha);
      return answerSlice(c, statuses, (status) => viewStatus(forge, repository, status));
    }
    if (view === "check-runs") return answerCheckRuns(forge, c, repository, sha);
    return view === "check-suites" ? answerCheckSuites(forge, c, repository, sha) : wholeCommit(c, repository, sha);
  });

  api.post("/repos/:owner/:repo/statuses/:sha", async (c) => {
    const { repository, viewer } = repositoryOf(forge, c, "write");
    const sha = await commitOf(forge, repository, c.req.param("sha"));
    const body = readBody(c.env.call.body, "Status");
    const state = body.oneOf("state", ["error", "failure", "pending", "success"]);
    if (state === null) throw invalid({ resource: "Status", field: "state", code: "missing_field" });
    const status = insertStatus(forge.db, repository, {
      sha,
      state,
      context: body.text("context") ?? "default",
      description: body.text("description"),
      target_url: body.text("target_url"),
      creator_id: viewer.user.id,
      created_at: forge.now(),
    });
    await mergeWaiting(forge, repository);
    return c.json(viewStatus(forge, repository, status), 201);
  });

  api.get("/repos/:owner/:repo/compare/:basehead{.+}", async (c) => {
    const { repository } = repositoryOf(forge, c);
    const ends = c.req.param("basehead").split("...");
    if (ends.length !== 2) throw notFound();
    const [base, head] = await Promise.all(ends.map((end) => commitOf(forge, repository, endOf(repository, end), 404)));
    return compare(c, repository, base as string, head as string);
  });

  /** The ref of `ref` or `owner:ref`; a fork's branch by its commit, which is here once a pull request brought it. */
  function endOf(repository: Repository, end: string): string {
    const [owner, ref] = /^([^:]+):(.+)$/s.exec(end)?.slice(1) ?? [];
    if (owner === undefined || ref === undefined) return end;
    if (owner.toLowerCase() === repository.owner.toLowerCase()) return ref;
    const fork = forksOf(forge.db, repository).find((one) => one.owner.toLowerCase() === owner.toLowerCase());
    const branch = fork && recordedBranch(forge.db, fork, ref);
    if (!branch) throw notFound();
    return branch.sha;
  }

  async function wholeCommit(c: ApiContext, repository: Repository, sha: string): Promise<Response> {
    const path = forge.gitPath(repository);
    const accept = c.req.header("accept") ?? "";
    if (/application\/vnd\.github(\.v3)?\.sha/.test(accept)) {
      return c.body(sha, 200, { "content-type": "application/vnd.github.v3.sha; charset=utf-8" });
    }
    const commit = await readCommit(forge.git, path, sha);
    const from = commit.parents[0] ?? emptyTree;
    if (/application\/vnd\.github(\.v3)?\.diff/.test(accept)) {
      const text = await readDiff(forge.git, path, from, sha);
      return c.body(text, 200, { "content-type": "application/vnd.github.v3.diff; charset=utf-8" });
    }
    const files = await changedFiles(forge.git, path, from, sha);
    const additions = files.reduce((sum, file) => sum + file.additions, 0);
    const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
    return c.json({
      ...viewCommit(forge, repository, commit),
      stats: { total: additions + deletions, additions, deletions },
      files: files.map((file) => viewChangedFile(forge, repository, sha, file)),
    });
  }

  async function compare(c: ApiContext, repository: Repository, base: string, head: string): Promise<Response> {
    const path = forge.gitPath(repository);
    const common = await mergeBase(forge.git, path, base, head);
    if (common === null) throw new Refusal(404, "No common ancestor between the two commits.");
    const [ahead, behind, files, baseCommit, commonCommit] = await Promise.all([
      commitsBetween(forge.git, path, base, head),
      commitsBetween(forge.git, path, head, base),
      changedFiles(forge.git, path, common, head),
      readCommit(forge.git, path, base),
      readCommit(forge.git, path, common),
    ]);
    const page = `${repositoryPage(forge, repository)}/compare/${base}...${head}`;
    return c.json({
      url: `${repositoryApi(forge, repository)}/compare/${base}...${head}`,
      html_url: page,
      permalink_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      base_commit: viewCommit(forge, repository, baseCommit),
      merge_base_commit: viewCommit(forge, repository, commonCommit),
      status: comparison(ahead.length, behind.length),
      ahead_by: ahead.length,
      behind_by: behind.length,
      total_commits: ahead.length,
      commits: ahead.map((commit) => viewCommit(forge, repository, commit)),
      files: files.map((file) => viewChangedFile(forge, repository, head, file)),
    });
  }
}

function comparison(ahead: number, behind: number): string {
  if (ahead > 0) return behind > 0 ? "diverged" : "ahead";
  return behind > 0 ? "behind" : "identical";
}
