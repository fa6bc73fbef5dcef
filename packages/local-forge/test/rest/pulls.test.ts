import { expect, test } from "vitest";
import { cloneScene, type Scene, startScene } from "../support/forge.ts";

async function openPull(scene: Scene, head: string, extra: Record<string, unknown> = {}) {
  return scene.ask("POST", "pulls", { body: { title: `From ${head}`, head, base: "main", ...extra } });
}

/** The answer once the forge has worked out whether it can be merged. */
async function settledPull(scene: Scene, number: number) {
  const first = await scene.ask("GET", `pulls/${number}`);
  return first.body.mergeable === null ? scene.ask("GET", `pulls/${number}`) : first;
}

test("a pull request shows its sizes, files, commits and diff, and stands in the list of issues", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  const sha = await clone.push("work", { "readme.md": "first\nsecond\n", "new.txt": "n\n" });
  const made = await openPull(scene, "work", { body: "why" });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({
    number: 1,
    mergeable: null,
    head: { ref: "work", sha, label: "maya:work", repo: { full_name: "maya/demo" } },
    base: { ref: "main" },
    commits: 1,
    additions: 2,
    deletions: 0,
    changed_files: 2,
  });
  const files = await scene.ask("GET", "pulls/1/files");
  expect(files.body.map((f: { filename: string; status: string }) => `${f.status} ${f.filename}`)).toEqual([
    "added new.txt",
    "modified readme.md",
  ]);
  expect(files.body[1].patch).toBe("@@ -1 +1,2 @@\n first\n+second");
  expect((await scene.ask("GET", "pulls/1/commits")).body).toMatchObject([
    { sha, commit: { author: { name: "Maya" } } },
  ]);
  const diff = await scene.ask("GET", "pulls/1", { headers: { accept: "application/vnd.github.diff" } });
  expect(diff.body).toContain("diff --git a/new.txt b/new.txt");
  const issues = await scene.ask("GET", "issues");
  expect(issues.body).toMatchObject([{ number: 1, pull_request: { merged_at: null } }]);
  expect((await scene.ask("GET", "pulls?head=maya:work&base=main")).body).toHaveLength(1);
  expect((await scene.ask("GET", "pulls?head=other:work")).body).toHaveLength(0);
});

test("mergeability is unknown at the first look, then true, and unknown again when the base moved", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  await clone.push("work", { "readme.md": "theirs\n" });
  await openPull(scene, "work");
  expect((await settledPull(scene, 1)).body).toMatchObject({ mergeable: true, mergeable_state: "clean" });
  await clone.push("main", { "readme.md": "ours\n" });
  expect((await scene.ask("GET", "pulls/1")).body).toMatchObject({ mergeable: null, mergeable_state: "unknown" });
  expect((await scene.ask("GET", "pulls/1")).body).toMatchObject({ mergeable: false, mergeable_state: "dirty" });
  const refused = await scene.ask("PUT", "pulls/1/merge", { body: {} });
  expect(refused).toMatchObject({ status: 405, body: { message: "Pull Request is not mergeable" } });
});

test("what cannot be a pull request is refused with a reason", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  await clone.push("work", { "a.txt": "a\n" });
  await clone.git("push", "-q", "origin", "main:same");
  expect((await openPull(scene, "missing")).body.errors).toMatchObject([{ field: "head", code: "invalid" }]);
  expect((await openPull(scene, "same")).body.errors[0].message).toBe("No commits between main and same");
  expect((await openPull(scene, "work", { base: "nowhere" })).body.errors).toMatchObject([{ field: "base" }]);
  expect((await openPull(scene, "work")).status).toBe(201);
  const second = await openPull(scene, "maya:work");
  expect(second.status).toBe(422);
  expect(second.body.errors[0].message).toBe("A pull request already exists for maya:work.");
});

test.each(["merge", "squash", "rebase"])(
  "merging by %s moves the base and closes what the text says",
  async (method) => {
    const scene = await startScene();
    const clone = await cloneScene(scene);
    await scene.ask("POST", "issues", { body: { title: "Broken" } });
    await clone.push("work", { "a.txt": "a\n" });
    await clone.push("work", { "b.txt": "b\n" });
    await clone.push("main", { "c.txt": "c\n" });
    await openPull(scene, "work", { body: "Fixes #1" });
    const stale = await scene.ask("PUT", "pulls/2/merge", { body: { sha: "0".repeat(40) } });
    expect(stale.status).toBe(409);
    const { head } = (await scene.ask("GET", "pulls/2")).body;
    const merged = await scene.ask("PUT", "pulls/2/merge", {
      body: { sha: head.sha, merge_method: method },
      token: scene.robot,
    });
    expect(merged).toMatchObject({ status: 200, body: { merged: true } });
    const pull = (await scene.ask("GET", "pulls/2")).body;
    expect(pull).toMatchObject({
      state: "closed",
      merged: true,
      merged_by: { login: "robot" },
      merge_commit_sha: merged.body.sha,
    });
    expect((await scene.ask("GET", "issues/1")).body).toMatchObject({ state: "closed", closed_by: { login: "robot" } });
    expect((await scene.ask("GET", "pulls/2/merge")).status).toBe(204);
    await clone.git("fetch", "-q", "origin");
    expect(await clone.git("rev-parse", "origin/main")).toBe(merged.body.sha);
    expect(await clone.git("ls-tree", "--name-only", "origin/main")).toBe("a.txt\nb.txt\nc.txt\nreadme.md");
    const parents = { merge: 2, squash: 1, rebase: 1 }[method] as number;
    expect((await scene.ask("GET", `commits/${merged.body.sha}`)).body.parents).toHaveLength(parents);
    expect((await scene.ask("PUT", "pulls/2/merge", { body: {} })).status).toBe(405);
    expect((await scene.ask("GET", "pulls/2/files")).body).toHaveLength(2);
  },
);

test("pushes move the head, deleting the branch closes the pull request, and it stays readable", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  await clone.push("work", { "a.txt": "a\n" });
  await openPull(scene, "work");
  const sha = await clone.push("work", { "b.txt": "b\n" });
  expect((await scene.ask("GET", "pulls/1")).body).toMatchObject({ head: { sha }, commits: 2, changed_files: 2 });
  expect((await scene.ask("GET", "git/ref/heads/work")).body.object.sha).toBe(sha);
  expect((await scene.ask("DELETE", "git/refs/heads/work")).status).toBe(204);
  expect((await scene.ask("GET", "pulls/1")).body).toMatchObject({ state: "closed", merged: false });
  expect((await scene.ask("GET", "git/ref/heads/work")).status).toBe(404);
  expect((await scene.ask("GET", "pulls/1/files")).body).toHaveLength(2);
  const reopened = await scene.ask("PATCH", "pulls/1", { body: { state: "open" } });
  expect(reopened.status).toBe(422);
});

test("merging by a push counts as merged, and commits on the default branch close issues", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  await scene.ask("POST", "issues", { body: { title: "One" } });
  await scene.ask("POST", "issues", { body: { title: "Two" } });
  await clone.push("work", { "a.txt": "a\n" }, "Work\n\nCloses #1 and mentions #2");
  await openPull(scene, "work");
  expect((await scene.ask("GET", "issues/1")).body.state).toBe("open");
  await clone.git("push", "-q", "origin", "work:main");
  expect((await scene.ask("GET", "pulls/3")).body).toMatchObject({ merged: true, state: "closed" });
  expect((await scene.ask("GET", "issues/1")).body.state).toBe("closed");
  expect((await scene.ask("GET", "issues/2")).body.state).toBe("open");
});

test("reviews answer 200, and nobody approves their own pull request", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  const sha = await clone.push("work", { "a.txt": "a\n" });
  await openPull(scene, "work");
  const own = await scene.ask("POST", "pulls/1/reviews", { body: { event: "APPROVE" } });
  expect(own).toMatchObject({ status: 422, body: { errors: ["Review Can not approve your own pull request"] } });
  const review = await scene.ask("POST", "pulls/1/reviews", { body: { event: "APPROVE" }, token: scene.robot });
  expect(review).toMatchObject({ status: 200, body: { state: "APPROVED", commit_id: sha } });
  expect((await scene.ask("GET", "pulls/1/reviews")).body).toMatchObject([{ user: { login: "robot" } }]);
  expect((await scene.ask("GET", "pulls/1/requested_reviewers")).body).toEqual({ users: [], teams: [] });
});

test("statuses and check runs belong to a commit; they change what a pull request shows but not its ETag", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  const sha = await clone.push("topic", { "a.txt": "a\n" });
  await openPull(scene, "topic");
  const before = await settledPull(scene, 1);
  expect((await scene.ask("GET", `commits/${sha}/status`)).body).toMatchObject({ state: "pending", total_count: 0 });
  await scene.ask("POST", `statuses/${sha}`, { body: { state: "failure", context: "ci" } });
  await scene.ask("POST", "check-runs", {
    body: { name: "build", head_sha: sha, status: "completed", conclusion: "success" },
  });
  expect((await scene.ask("GET", "commits/topic/status")).body).toMatchObject({ state: "failure", sha });
  expect((await scene.ask("GET", "commits/topic/check-runs")).body).toMatchObject({
    total_count: 1,
    check_runs: [{ name: "build", conclusion: "success" }],
  });
  const etag = before.headers.get("etag") as string;
  expect((await scene.ask("GET", "pulls/1")).body.mergeable_state).toBe("unstable");
  expect((await scene.ask("GET", "pulls/1", { headers: { "if-none-match": etag } })).status).toBe(304);
});

test("two branches are compared from their common ancestor", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  await clone.push("work", { "a.txt": "a\n" });
  await clone.push("main", { "c.txt": "c\n" });
  const compared = await scene.ask("GET", "compare/main...work");
  expect(compared.body).toMatchObject({
    status: "diverged",
    ahead_by: 1,
    behind_by: 1,
    files: [{ filename: "a.txt" }],
  });
  expect((await scene.ask("GET", "compare/main...nowhere")).status).toBe(404);
});
