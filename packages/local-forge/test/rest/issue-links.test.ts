import { expect, test } from "vitest";
import { type Scene, startScene } from "../support/forge.ts";

async function openIssue(scene: Scene, title: string) {
  return (await scene.ask("POST", "issues", { body: { title } })).body as { id: number; number: number };
}

async function summaries(scene: Scene, number: number) {
  const { body } = await scene.ask("GET", `issues/${number}`);
  return { dependencies: body.issue_dependencies_summary, children: body.sub_issues_summary };
}

test("an issue counts what it waits for and who waits for it, open and in all", async () => {
  const scene = await startScene();
  const { ask } = scene;
  const [waiting, first, second] = [
    await openIssue(scene, "W"),
    await openIssue(scene, "1"),
    await openIssue(scene, "2"),
  ];
  for (const { id } of [first, second]) {
    const added = await ask("POST", `issues/${waiting.number}/dependencies/blocked_by`, { body: { issue_id: id } });
    expect(added).toMatchObject({ status: 201, body: { id } });
  }
  await ask("PATCH", `issues/${first.number}`, { body: { state: "closed", state_reason: "not_planned" } });
  expect((await summaries(scene, waiting.number)).dependencies).toEqual({
    blocked_by: 1,
    total_blocked_by: 2,
    blocking: 0,
    total_blocking: 0,
  });
  expect((await summaries(scene, second.number)).dependencies).toMatchObject({ blocking: 1, total_blocking: 1 });
  expect((await ask("GET", `issues/${waiting.number}/dependencies/blocked_by`)).body).toMatchObject([
    { number: first.number, state: "closed", state_reason: "not_planned" },
    { number: second.number, state: "open" },
  ]);
  const listed = (await ask("GET", "issues")).body.find((issue: { id: number }) => issue.id === waiting.id);
  expect(listed.issue_dependencies_summary).toMatchObject({ blocked_by: 1 });
  expect((await ask("DELETE", `issues/${waiting.number}/dependencies/blocked_by/${second.id}`)).status).toBe(200);
  expect((await summaries(scene, waiting.number)).dependencies).toMatchObject({ blocked_by: 0, total_blocked_by: 1 });
  const events = (await ask("GET", `issues/${waiting.number}/timeline`)).body.map((e: { event: string }) => e.event);
  expect(events).toEqual(["blocked_by_added", "blocked_by_added", "blocked_by_removed"]);
});

test("a dependency on itself, in a circle, twice, or on nothing is refused", async () => {
  const scene = await startScene();
  const [a, b, c] = [await openIssue(scene, "A"), await openIssue(scene, "B"), await openIssue(scene, "C")];
  const wait = (issue: { number: number }, id: number, token?: string) =>
    scene.ask("POST", `issues/${issue.number}/dependencies/blocked_by`, {
      body: { issue_id: id },
      ...(token ? { token } : {}),
    });
  expect((await wait(a, b.id)).status).toBe(201);
  expect((await wait(b, c.id)).status).toBe(201);
  for (const refused of [await wait(a, a.id), await wait(c, a.id), await wait(a, b.id)])
    expect(refused.status).toBe(422);
  expect((await wait(a, 12)).status).toBe(404);
  expect((await wait(a, c.id, scene.guest)).status).toBe(403);
});

test("sub-issues are counted in their parent, have one parent, and form no circle", async () => {
  const scene = await startScene();
  const { ask } = scene;
  const [parent, child, other] = [
    await openIssue(scene, "P"),
    await openIssue(scene, "C"),
    await openIssue(scene, "O"),
  ];
  const adopt = (by: { number: number }, id: number, more = {}) =>
    ask("POST", `issues/${by.number}/sub_issues`, { body: { sub_issue_id: id, ...more } });
  expect((await adopt(parent, child.id)).status).toBe(201);
  expect((await adopt(parent, other.id)).status).toBe(201);
  await ask("PATCH", `issues/${child.number}`, { body: { state: "closed" } });
  expect((await summaries(scene, parent.number)).children).toEqual({ total: 2, completed: 1, percent_completed: 50 });
  expect((await ask("GET", `issues/${parent.number}/sub_issues`)).body).toMatchObject([
    { number: child.number, state: "closed" },
    { number: other.number, parent_issue_url: expect.stringMatching(/issues\/1$/) },
  ]);
  expect((await adopt(child, parent.id)).status).toBe(422);
  expect((await adopt(other, child.id)).status).toBe(422);
  expect((await adopt(other, child.id, { replace_parent: true })).status).toBe(201);
  expect((await summaries(scene, parent.number)).children).toMatchObject({ total: 1, completed: 0 });
});
