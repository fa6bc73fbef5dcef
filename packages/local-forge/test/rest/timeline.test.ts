import { expect, test } from "vitest";
import { cloneScene, type Scene, startScene } from "../support/forge.ts";

async function timeline(scene: Scene, number: number) {
  return (await scene.ask("GET", `issues/${number}/timeline?per_page=100`)).body as Record<string, unknown>[];
}

function names(entries: readonly Record<string, unknown>[]) {
  return entries.map((entry) => entry.event);
}

test("a timeline is one list in the order things happened, with who did each", async () => {
  const scene = await startScene({ now: () => Date.parse("2024-05-01T10:00:00Z") });
  const { ask, robot } = scene;
  await ask("POST", "issues", { body: { title: "One", body: "why" }, token: robot });
  await ask("POST", "issues/1/labels", { body: { labels: ["agent-ready"] } });
  const { body: comment } = await ask("POST", "issues/1/comments", { body: { body: "hello" }, token: robot });
  await ask("PATCH", "issues/1", { body: { title: "Uno" } });
  await ask("DELETE", "issues/1/labels/agent-ready");
  const { body: dropped } = await ask("POST", "issues/1/comments", { body: { body: "wrong" } });
  await ask("DELETE", `issues/comments/${dropped.id}`);
  await ask("PATCH", "issues/1", { body: { state: "closed", state_reason: "not_planned" } });
  await ask("PATCH", "issues/1", { body: { state: "open" } });
  const entries = await timeline(scene, 1);
  expect(names(entries)).toEqual(["labeled", "commented", "renamed", "unlabeled", "closed", "reopened"]);
  expect(entries[0]).toMatchObject({ actor: { login: "maya" }, label: { name: "agent-ready" } });
  expect(entries[1]).toMatchObject({
    id: comment.id,
    user: { login: "robot" },
    body: "hello",
    created_at: "2024-05-01T10:00:00Z",
    updated_at: "2024-05-01T10:00:00Z",
    author_association: "COLLABORATOR",
  });
  expect(entries[2]).toMatchObject({ rename: { from: "One", to: "Uno" } });
  expect(entries[4]).toMatchObject({ state_reason: "not_planned" });
  expect((await ask("GET", "issues/1")).body).toMatchObject({ state: "open", state_reason: "reopened" });
});

test("a long timeline comes in pages, newest last, and is a 304 while nothing happened", async () => {
  const { ask, forge } = await startScene();
  await ask("POST", "issues", { body: { title: "One" } });
  for (let number = 1; number <= 5; number += 1) {
    await ask("POST", "issues/1/comments", { body: { body: `comment ${number}` } });
  }
  const page = await ask("GET", "issues/1/timeline?per_page=2&page=3");
  expect(page.body).toMatchObject([{ body: "comment 5" }]);
  expect(page.headers.get("link")).toContain('rel="prev"');
  const etag = page.headers.get("etag") as string;
  forge.resetCounters();
  const again = () => ask("GET", "issues/1/timeline?per_page=2&page=3", { headers: { "if-none-match": etag } });
  expect((await again()).status).toBe(304);
  expect(forge.counters()).toMatchObject({ metered: 0, notModified: 1 });
  await ask("POST", "issues/1/labels", { body: { labels: ["new"] } });
  expect((await again()).body).toMatchObject([{ body: "comment 5" }, { event: "labeled" }]);
});

test("pushes stand where they happened; a forced one takes the commits away that it replaced", async () => {
  const scene = await startScene();
  const { ask, robot } = scene;
  const clone = await cloneScene(scene);
  const first = await clone.push("work", { "a.txt": "a\n" });
  await ask("POST", "pulls", { body: { title: "Work", head: "work", base: "main" } });
  await ask("POST", "issues/1/labels", { body: { labels: ["agent-handoff"] } });
  const second = await clone.push("work", { "b.txt": "b\n" }, "Second\n\nwith more");
  await ask("POST", "pulls/1/reviews", { body: { event: "REQUEST_CHANGES", body: "no" }, token: robot });
  const pushed = await timeline(scene, 1);
  expect(names(pushed)).toEqual(["committed", "labeled", "committed", "reviewed"]);
  expect(pushed[0]).toMatchObject({ sha: first });
  expect(pushed[2]).toMatchObject({ sha: second, message: "Second\n\nwith more", author: { name: "Maya" } });
  expect(pushed[3]).toMatchObject({ state: "changes_requested", commit_id: second, user: { login: "robot" } });

  await clone.git("commit", "-q", "--amend", "-m", "Other second");
  const third = await clone.git("rev-parse", "HEAD");
  await clone.git("push", "-q", "--force", "origin", "work");
  const forced = await timeline(scene, 1);
  expect(names(forced)).toEqual(["committed", "labeled", "reviewed", "committed", "head_ref_force_pushed"]);
  expect(forced[3]).toMatchObject({ sha: third });
  expect(forced[4]).toMatchObject({ actor: { login: "maya" }, commit_id: third });
  expect(names((await ask("GET", "issues/1/events")).body)).toEqual(["labeled", "head_ref_force_pushed"]);
});

test("asking for a review and taking it back is told, and a review answers the request", async () => {
  const scene = await startScene();
  const { ask, robot } = scene;
  const clone = await cloneScene(scene);
  await clone.push("work", { "a.txt": "a\n" });
  await ask("POST", "pulls", { body: { title: "Work", head: "work", base: "main" } });
  const asked = await ask("POST", "pulls/1/requested_reviewers", { body: { reviewers: ["robot", "guest"] } });
  expect(asked).toMatchObject({ status: 201, body: { requested_reviewers: [{ login: "robot" }, { login: "guest" }] } });
  await ask("DELETE", "pulls/1/requested_reviewers", { body: { reviewers: ["guest"] } });
  expect((await ask("GET", "pulls")).body).toMatchObject([{ requested_reviewers: [{ login: "robot" }] }]);
  await ask("POST", "pulls/1/reviews", { body: { event: "APPROVE" }, token: robot });
  expect((await ask("GET", "pulls/1")).body.requested_reviewers).toEqual([]);
  const entries = (await timeline(scene, 1)).slice(1);
  expect(entries).toMatchObject([
    { event: "review_requested", requested_reviewer: { login: "robot" }, review_requester: { login: "maya" } },
    { event: "review_requested", requested_reviewer: { login: "guest" } },
    { event: "review_request_removed", requested_reviewer: { login: "guest" } },
    { event: "reviewed", state: "approved" },
  ]);
  const stranger = await ask("POST", "pulls/1/requested_reviewers", { body: { reviewers: ["nobody"] } });
  expect(stranger).toMatchObject({ status: 422, body: { message: expect.stringMatching(/from collaborators/) } });
  const author = await ask("POST", "pulls/1/requested_reviewers", { body: { reviewers: ["maya"] } });
  expect(author).toMatchObject({ status: 422, body: { message: expect.stringMatching(/author/) } });
});

test("a comment on a line is a review of its own, listed and in the timeline", async () => {
  const scene = await startScene();
  const { ask, robot } = scene;
  const clone = await cloneScene(scene);
  const sha = await clone.push("work", { "readme.md": "first\nsecond\n" });
  await ask("POST", "pulls", { body: { title: "Work", head: "work", base: "main" } });
  const place = { commit_id: sha, path: "readme.md" };
  const made = await ask("POST", "pulls/1/comments", { body: { ...place, line: 2, body: "why?" }, token: robot });
  expect(made).toMatchObject({ status: 201, body: { line: 2, diff_hunk: "@@ -1 +1,2 @@\n first\n+second" } });
  await ask("POST", "pulls/1/comments", { body: { ...place, in_reply_to: made.body.id, body: "because" } });
  expect((await ask("GET", "pulls/1/comments")).body).toMatchObject([
    { body: "why?", user: { login: "robot" }, author_association: "COLLABORATOR" },
    { body: "because", in_reply_to_id: made.body.id, path: "readme.md" },
  ]);
  const entries = (await timeline(scene, 1)).slice(1);
  expect(entries).toMatchObject([
    { event: "reviewed", state: "commented", body: "" },
    { event: "line-commented", comments: [{ body: "why?" }] },
    { event: "reviewed" },
    { event: "line-commented", comments: [{ body: "because" }] },
  ]);
  const beside = await ask("POST", "pulls/1/comments", { body: { ...place, line: 9, body: "?" } });
  expect(beside).toMatchObject({ status: 422, body: { errors: [{ message: "line must be part of the diff" }] } });
});
