import { expect, test } from "vitest";
import { startScene } from "../support/forge.ts";

test("an issue with labels is made, found by label, changed, closed and reopened, with its events", async () => {
  const { ask, robot } = await startScene();
  const made = await ask("POST", "issues", {
    body: { title: "Broken", body: "It is", labels: ["agent-ready", "Bug"] },
  });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ number: 1, state: "open", user: { login: "maya" }, author_association: "OWNER" });
  await ask("POST", "issues", { body: { title: "Other", labels: ["bug"] } });
  const both = await ask("GET", "issues?labels=agent-ready,BUG");
  expect(both.body.map((issue: { number: number }) => issue.number)).toEqual([1]);

  await ask("PATCH", "issues/1", {
    body: { title: "Mended", state: "closed", state_reason: "not_planned" },
    token: robot,
  });
  const closed = await ask("GET", "issues/1");
  expect(closed.body).toMatchObject({
    title: "Mended",
    state: "closed",
    state_reason: "not_planned",
    closed_by: { login: "robot" },
  });
  expect((await ask("GET", "issues")).body.map((issue: { number: number }) => issue.number)).toEqual([2]);
  await ask("PATCH", "issues/1", { body: { state: "open" } });
  const events = await ask("GET", "issues/1/events");
  expect(events.body.map((e: { event: string; actor: { login: string } }) => `${e.event} ${e.actor.login}`)).toEqual([
    "labeled maya",
    "labeled maya",
    "renamed robot",
    "closed robot",
    "reopened maya",
  ]);
});

test("the timeline tells events, comments and who mentioned the issue", async () => {
  const { ask, robot } = await startScene();
  await ask("POST", "issues", { body: { title: "One", labels: ["a"] } });
  await ask("POST", "issues/1/comments", { body: { body: "hello" }, token: robot });
  await ask("POST", "issues", { body: { title: "Two", body: "Fixes #1" } });
  await ask("POST", "issues", { body: { title: "Three", body: "about #12 and other/repo#1" } });
  const timeline = (await ask("GET", "issues/1/timeline")).body;
  const named = timeline.map(
    (entry: { event: string; actor: { login: string } }) => `${entry.event} ${entry.actor.login}`,
  );
  expect(named.sort()).toEqual(["commented robot", "cross-referenced maya", "labeled maya"]);
});

test("labels of an issue are added, replaced and removed", async () => {
  const { ask } = await startScene();
  await ask("POST", "labels", { body: { name: "in progress", color: "FF0000", description: "work" } });
  await ask("POST", "issues", { body: { title: "One" } });
  const names = (answer: { body: { name: string }[] }) => answer.body.map((label) => label.name);
  expect(names(await ask("POST", "issues/1/labels", { body: { labels: ["in progress", "new/one"] } }))).toEqual([
    "in progress",
    "new/one",
  ]);
  expect(names(await ask("DELETE", "issues/1/labels/new%2Fone"))).toEqual(["in progress"]);
  expect((await ask("DELETE", "issues/1/labels/new%2Fone")).status).toBe(404);
  expect(names(await ask("PUT", "issues/1/labels", { body: { labels: ["done"] } }))).toEqual(["done"]);
  expect((await ask("POST", "labels", { body: { name: "DONE", color: "ffffff" } })).body.errors).toMatchObject([
    { code: "already_exists" },
  ]);
  expect((await ask("GET", "labels/in%20progress")).body).toMatchObject({ color: "ff0000", description: "work" });
});

test("comments are made, changed and deleted; an issue counts them", async () => {
  const { ask, guest, robot } = await startScene();
  await ask("POST", "issues", { body: { title: "One" } });
  const made = await ask("POST", "issues/1/comments", { body: { body: "hello" }, token: guest });
  expect(made.status).toBe(201);
  expect((await ask("GET", "issues/1")).body.comments).toBe(1);
  const id = made.body.id;
  expect((await ask("PATCH", `issues/comments/${id}`, { body: { body: "changed" }, token: guest })).body.body).toBe(
    "changed",
  );
  const other = await ask("POST", "issues/1/comments", { body: { body: "mine" }, token: robot });
  expect((await ask("DELETE", `issues/comments/${other.body.id}`, { token: guest })).status).toBe(403);
  expect((await ask("DELETE", `issues/comments/${id}`, { token: guest })).status).toBe(204);
  expect((await ask("GET", "issues/1/comments")).body.map((c: { body: string }) => c.body)).toEqual(["mine"]);
});

test("lists come in pages whose links lead through all of it", async () => {
  const { ask, maya } = await startScene();
  for (let number = 1; number <= 7; number += 1) await ask("POST", "issues", { body: { title: `Issue ${number}` } });
  const seen: number[] = [];
  let path: string | undefined = "issues?per_page=3&state=all&direction=asc";
  const first = await ask("GET", path);
  expect(first.headers.get("link")).toMatch(/page=2>; rel="next", <.*page=3>; rel="last"/);
  while (path !== undefined) {
    const answer: Awaited<ReturnType<typeof ask>> = await ask("GET", path);
    seen.push(...answer.body.map((issue: { number: number }) => issue.number));
    const next = /<([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
    path = next === undefined ? undefined : new URL(next).pathname.replace("/api/v3", "") + new URL(next).search;
  }
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(maya).toBeTruthy();
});

test("who may not is told so in GitHub's way", async () => {
  const { ask, forge, guest } = await startScene();
  forge.createUser({ login: "stranger" });
  const stranger = forge.createToken({ login: "stranger" });
  const reading = forge.createToken({ login: "maya", scopes: "read" });
  await ask("POST", "issues", { body: { title: "One" } });
  expect(await ask("GET", "/user", { token: "forge_wrong" })).toMatchObject({
    status: 401,
    body: { message: "Bad credentials" },
  });
  expect((await ask("GET", "issues/1", { token: stranger })).status).toBe(404);
  expect((await ask("POST", "issues", { body: { title: "No" }, token: reading })).status).toBe(403);
  expect((await ask("POST", "issues/1/labels", { body: { labels: ["x"] }, token: guest })).status).toBe(403);
  const quiet = await ask("POST", "issues", { body: { title: "Mine", labels: ["x"] }, token: guest });
  expect(quiet.body.labels).toEqual([]);
  expect((await ask("GET", "collaborators/robot/permission")).body).toMatchObject({
    permission: "write",
    role_name: "write",
  });
  expect((await ask("POST", "issues", { body: { body: "no title" } })).body.errors).toMatchObject([
    { field: "title", code: "missing_field" },
  ]);
  forge.deleteIssue("maya/demo", 1);
  expect((await ask("GET", "issues/1")).status).toBe(410);
});
