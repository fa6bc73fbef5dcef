import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { changedFiles, commitsBetween, mergeBase, readDiff, readPatch } from "../git/reading.ts";
import { readBody } from "../http/body.ts";
import { type ApiContext, type ApiEnv, pullOf, type RepositoryAccess, repositoryOf } from "../http/call.ts";
import { answerSlice } from "../http/pagination.ts";
import { Refusal } from "../http/refusal.ts";
import type { Mergeability } from "../mergeability.ts";
import { decideMergeableState } from "../pulls/decide-mergeable-state.ts";
import { followForkedHeads } from "../pulls/follow-forked-heads.ts";
import { mergeFacts } from "../pulls/merge-facts.ts";
import { mergePull } from "../pulls/merge-pull.ts";
import { openPull } from "../pulls/open-pull.ts";
import { updatePull } from "../pulls/update-pull.ts";
import { rulesOfBranch } from "../storage/branch-rules.ts";
import { recordedBranch } from "../storage/branches.ts";
import { findPull, listPulls, type Pull } from "../storage/pulls.ts";
import type { Repository } from "../storage/repositories.ts";
import { viewChangedFile, viewCommit } from "../views/commit.ts";
import { viewPull, viewPullSimple } from "../views/pull.ts";
import { choice } from "./issues.ts";

export function pullRoutes(api: Hono<ApiEnv>, forge: Forge, mergeability: Mergeability): void {
  const all = "/repos/:owner/:repo/pulls";
  const one = "/repos/:owner/:repo/pulls/:number{[0-9]+}";

  api.get(all, (c) => {
    const { repository, permission } = repositoryOf(forge, c);
    const sort =
      choice(c, "sort", ["created", "updated", "popularity", "long-running"]) === "updated" ? "updated" : "created";
    const direction = choice(
      c,
      "direction",
      sort === "created" && !c.req.query("sort") ? ["desc", "asc"] : ["asc", "desc"],
    );
    const head = headFilter(c.req.query("head"));
    const pulls = listPulls(forge.db, repository, {
      state: choice(c, "state", ["open", "closed", "all"]),
      ...head,
      baseRef: c.req.query("base") ?? null,
      sort,
      direction,
    });
    return answerSlice(c, pulls, (pull) => viewPullSimple(forge, repository, pull, permission));
  });

  api.post(all, async (c) => {
    const access = repositoryOf(forge, c);
    const { repository } = access;
    const number = await forge.exclusively(repository, () => openPull(forge, access, c.env.call.body));
    const { shown } = await shownPull(access, findPull(forge.db, repository, number) as Pull);
    return c.json(shown, 201, { Location: shown.url });
  });

  api.get(one, async (c) => {
    const access = repositoryOf(forge, c);
    const pull = pullOf(forge, c, access.repository);
    const accept = c.req.header("accept") ?? "";
    if (/application\/vnd\.github(\.v3)?\.(diff|patch)/.test(accept)) return diffOrPatch(c, access.repository, pull);
    const { shown, facts } = await shownPull(access, pull);
    // At GitHub the checks of a pull request change what it shows, but not its ETag.
    const passing = { ...facts, allChecksPass: true, passedChecks: new Set(facts.rules?.requiredChecks) };
    c.env.call.etagSeed = JSON.stringify({ ...shown, mergeable_state: decideMergeableState(passing) });
    return c.json(shown);
  });

  api.patch(one, async (c) => {
    const access = repositoryOf(forge, c);
    const { number } = pullOf(forge, c, access.repository);
    await forge.exclusively(access.repository, () => updatePull(forge, access, number, c.env.call.body));
    const { shown } = await shownPull(access, findPull(forge.db, access.repository, number) as Pull);
    return c.json(shown);
  });

  api.get(`${one}/files`, async (c) => {
    const { repository } = repositoryOf(forge, c);
    const pull = pullOf(forge, c, repository);
    const path = forge.gitPath(repository);
    const files = await changedFiles(forge.git, path, await pullStart(repository, pull), pull.head_sha);
    return answerSlice(c, files, (file) => viewChangedFile(forge, repository, pull.head_sha, file));
  });

  api.get(`${one}/commits`, async (c) => {
    const { repository } = repositoryOf(forge, c);
    const pull = pullOf(forge, c, repository);
    const from = await pullStart(repository, pull);
    const commits = await commitsBetween(forge.git, forge.gitPath(repository), from, pull.head_sha);
    return answerSlice(c, commits, (commit) => viewCommit(forge, repository, commit));
  });

  api.get(`${one}/merge`, (c) => {
    const { repository } = repositoryOf(forge, c);
    return c.body(null, pullOf(forge, c, repository).merged_at === null ? 404 : 204);
  });

  api.put(`${one}/merge`, async (c) => {
    const { repository, viewer } = repositoryOf(forge, c, "write");
    const { number, base_ref: base } = pullOf(forge, c, repository);
    if (rulesOfBranch(forge.db, repository, base)?.mergeQueue) {
      throw new Refusal(405, "Changes must be made through the merge queue");
    }
    const body = readBody(c.env.call.body, "PullRequest");
    const wanted = {
      number,
      method: body.oneOf("merge_method", ["merge", "squash", "rebase"]) ?? "merge",
      sha: body.text("sha"),
      title: body.text("commit_title"),
      message: body.text("commit_message"),
    };
    const sha = await forge.exclusively(repository, () => mergePull(forge, repository, viewer.user, wanted));
    await followForkedHeads(forge, repository, viewer.user);
    return c.json({ sha, merged: true, message: "Pull Request successfully merged" });
  });

  async function shownPull({ repository, permission }: RepositoryAccess, pull: Pull) {
    const baseTip = recordedBranch(forge.db, repository, pull.base_ref)?.sha ?? null;
    const mergeable = await mergeability.look(repository, pull, baseTip);
    const facts = { ...(await mergeFacts(forge, repository, pull)), mergeable };
    const shown = viewPull(forge, repository, pull, permission, { mergeable, state: decideMergeableState(facts) });
    return { shown, facts };
  }

  /** A merged pull request keeps showing what it merged: its base tip then is the one before the merge. */
  async function pullStart(repository: Repository, pull: Pull): Promise<string> {
    const base = pull.merged_at === null ? recordedBranch(forge.db, repository, pull.base_ref)?.sha : pull.base_sha;
    const from = base ?? pull.base_sha;
    return (await mergeBase(forge.git, forge.gitPath(repository), from, pull.head_sha)) ?? from;
  }

  async function diffOrPatch(c: ApiContext, repository: Repository, pull: Pull): Promise<Response> {
    const kind = /\.patch/.test(c.req.header("accept") ?? "") ? "patch" : "diff";
    const read = kind === "patch" ? readPatch : readDiff;
    const text = await read(forge.git, forge.gitPath(repository), await pullStart(repository, pull), pull.head_sha);
    return c.body(text, 200, { "content-type": `application/vnd.github.v3.${kind}; charset=utf-8` });
  }
}

/** The branch of `owner:branch`; GitHub ignores a head without an owner. */
function headFilter(head: string | undefined): { headOwner: string | null; headRef: string | null } {
  const colon = head?.indexOf(":") ?? -1;
  if (head === undefined || colon < 0) return { headOwner: null, headRef: null };
  return { headOwner: head.slice(0, colon), headRef: head.slice(colon + 1) };
}
