import { createContractChecker, recordExchanges } from "@agent-control-plane/testkit/github-contract";
import { expect, test } from "vitest";
import { cloneScene, startScene } from "../support/forge.ts";

test("every operation of the extract is answered, and each answer fits GitHub's description", async () => {
  const checker = createContractChecker();
  const record = recordExchanges({ checker });
  const scene = await startScene({ onExchange: record.onExchange });
  const { ask, robot } = scene;
  const clone = await cloneScene(scene);
  const sha = await clone.push("feature/work", { "a.txt": "a\n" });
  await clone.git("mv", "readme.md", "renamed.md");
  await clone.push("feature/work", { "b.txt": "b\n" });

  await ask("GET", "/user");
  await ask("GET", "/rate_limit");
  await ask("GET", "");
  await ask("POST", "labels", { body: { name: "agent ready", color: "00ff00", description: "yes" } });
  await ask("PATCH", "labels/agent%20ready", { body: { new_name: "agent-ready" } });
  await ask("GET", "labels/agent-ready");
  await ask("GET", "labels");
  await ask("POST", "issues", { body: { title: "One", labels: ["agent-ready"] } });
  await ask("POST", "issues", { body: { title: "Two", body: "text" } });
  await ask(
    "GET",
    "issues?state=all&labels=agent-ready&per_page=100&sort=updated&direction=asc&since=2020-01-01T00:00:00Z",
  );
  await ask("GET", "/search/issues?q=repo:maya/demo+is:issue+label:agent-ready");
  await ask("PATCH", "issues/1", { body: { title: "Uno", state: "closed", state_reason: "completed" } });
  await ask("PATCH", "issues/1", { body: { state: "open" } });
  await ask("GET", "issues/1");
  await ask("POST", "issues/1/labels", { body: { labels: ["more"] } });
  const second = (await ask("GET", "issues/2")).body.id;
  await ask("POST", "issues/1/dependencies/blocked_by", { body: { issue_id: second } });
  await ask("GET", "issues/1/dependencies/blocked_by");
  await ask("GET", "issues/2/dependencies/blocking");
  await ask("DELETE", `issues/1/dependencies/blocked_by/${second}`);
  await ask("POST", "issues/1/sub_issues", { body: { sub_issue_id: second } });
  await ask("GET", "issues/1/sub_issues");
  await ask("GET", "issues/2");
  await ask("DELETE", "issues/1/sub_issue", { body: { sub_issue_id: second } });
  await ask("GET", "issues/1/timeline");
  await ask("GET", "issues/1/labels");
  await ask("DELETE", "issues/1/labels/more");
  await ask("PUT", "issues/1/labels", { body: { labels: ["other"] } });
  await ask("DELETE", "issues/1/labels");
  await ask("DELETE", "labels/more");
  const comment = await ask("POST", "issues/1/comments", { body: { body: "hello" }, token: robot });
  await ask("GET", "issues/1/comments?since=2020-01-01T00:00:00Z");
  await ask("GET", "issues/comments");
  await ask("PATCH", `issues/comments/${comment.body.id}`, { body: { body: "changed" } });
  await ask("GET", `issues/comments/${comment.body.id}`);
  await ask("GET", "issues/1/events");
  await ask("GET", "issues/1/timeline");
  await ask("DELETE", `issues/comments/${comment.body.id}`);
  await ask("GET", "collaborators/guest/permission");

  await ask("POST", "pulls", {
    body: { title: "Work", head: "feature/work", base: "main", body: "Fixes #1", draft: false },
  });
  await ask("GET", "pulls?state=open&head=maya:feature/work&base=main");
  await ask("GET", "pulls/3");
  await ask("GET", "pulls/3");
  await ask("PATCH", "pulls/3", { body: { title: "Werk", body: "Fixes #1." } });
  await ask("GET", "pulls/3/files");
  await ask("GET", "pulls/3/commits");
  await ask("POST", "pulls/3/reviews", { body: { event: "COMMENT", body: "fine" } });
  await ask("GET", "pulls/3/reviews");
  const onLine = await ask("POST", "pulls/3/comments", {
    body: { body: "why?", commit_id: sha, path: "a.txt", line: 1, side: "RIGHT" },
  });
  await ask("POST", `pulls/3/comments/${onLine.body.id}/replies`, { body: { body: "because" }, token: robot });
  await ask("GET", "pulls/3/comments");
  await ask("POST", "pulls/3/requested_reviewers", { body: { reviewers: ["robot"] } });
  await ask("GET", "pulls/3/requested_reviewers");
  await ask("GET", "issues/3/timeline");
  await ask("DELETE", "pulls/3/requested_reviewers", { body: { reviewers: ["robot"] } });
  await ask("POST", `statuses/${sha}`, {
    body: { state: "success", context: "ci", description: "ok", target_url: "http://ci.example/1" },
  });
  await ask("GET", `commits/${sha}/status`);
  await ask("GET", `commits/${sha}/statuses`);
  const build = await ask("POST", "check-runs", {
    body: { name: "build", head_sha: sha, status: "in_progress", output: { title: "t", summary: "s" } },
  });
  await ask("PATCH", `check-runs/${build.body.id}`, { body: { conclusion: "failure", output: { summary: "bad" } } });
  await ask("GET", `check-runs/${build.body.id}`);
  const marked = [{ path: "a.txt", line: 1, level: "failure", title: null, message: "no" }] as const;
  await scene.forge.setChecks({
    ...{ repository: "maya/demo", ref: sha, checks: { build: "failure" }, annotations: { build: marked } },
  });
  await ask("GET", `check-runs/${build.body.id}/annotations?per_page=100`);
  await ask("GET", `commits/${sha}/check-suites`);
  const runs = await ask("GET", `actions/runs?head_sha=${sha}&status=completed&per_page=100`);
  const run = `actions/runs/${runs.body.workflow_runs[0].id}`;
  await ask("GET", run);
  await ask("POST", `${run}/rerun-failed-jobs`);
  const set = { repository: "maya/demo", ref: sha, checks: { build: "success" }, logs: { build: "ok\n" } } as const;
  const { checkRunIds } = await scene.forge.setChecks(set);
  await ask("GET", `actions/jobs/${checkRunIds.build}/logs`);
  await ask("POST", `${run}/rerun`);
  await ask("GET", `commits/${sha}/check-runs`);
  await ask("GET", "commits/feature%2Fwork");
  await ask("GET", "branches");
  await ask("GET", "branches/feature%2Fwork");
  await ask("GET", "git/ref/heads%2Ffeature%2Fwork");
  await ask("GET", "compare/main...feature%2Fwork");
  await ask("POST", "forks", { token: robot });
  await ask("GET", "forks");
  await ask("POST", "pulls", {
    body: { title: "From a fork", head: "robot:feature/work", base: "main" },
    token: robot,
  });
  await ask("GET", "pulls/4");
  await ask("DELETE", "/repos/robot/demo", { token: robot });
  await ask("GET", "pulls/4");
  await ask("GET", "pulls");
  await ask("PUT", "pulls/3/merge", { body: { merge_method: "merge", commit_title: "In" } });
  await ask("GET", "pulls/3/merge");
  await ask("DELETE", "git/refs/heads%2Ffeature%2Fwork");
  await ask("GET", "issues/1/timeline");
  await ask("GET", "issues/3/timeline");
  await ask("GET", "issues/3/events");

  expect(record.problems()).toEqual([]);
  const succeeded = record.exchanges
    .filter(({ status }) => status < 400)
    .map((exchange) => checker.operationOf(exchange));
  expect(checker.operations.filter((operation) => !succeeded.includes(operation))).toEqual([]);
  expect(record.exchanges.filter(({ status }) => status >= 400)).toEqual([]);
});
