import { expect, test } from "vitest";
import { type Answer, cloneScene, type Scene, startScene } from "../support/forge.ts";

async function graphql(scene: Scene, query: string, variables: object, token = scene.maya): Promise<Answer["body"]> {
  const response = await fetch(`${scene.forge.url}/api/graphql`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

const asked = `{ repository(owner: "maya", name: "demo") { pullRequest(number: 1) {
  id state isMergeQueueEnabled isInMergeQueue autoMergeRequest { mergeMethod }
  mergeQueueEntry { position enqueuer { login } } } } }`;
const enqueue =
  "mutation ($input: EnqueuePullRequestInput!) { enqueuePullRequest(input: $input) { mergeQueueEntry { position } } }";
const dequeue =
  "mutation ($input: DequeuePullRequestInput!) { dequeuePullRequest(input: $input) { mergeQueueEntry { position } } }";
const autoMerge =
  "mutation ($input: EnablePullRequestAutoMergeInput!) { enablePullRequestAutoMerge(input: $input) { pullRequest { state } } }";

async function withPull(rules: object) {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  const sha = await clone.push("work", { "a.txt": "a\n" });
  await scene.ask("POST", "pulls", { body: { title: "Work", head: "work", base: "main" } });
  scene.forge.protectBranch("maya/demo", "main", rules);
  const look = async () => (await graphql(scene, asked, {})).data.repository.pullRequest;
  const pass = () => scene.forge.setChecks({ repository: "maya/demo", ref: sha, checks: { build: "success" } });
  const { id } = await look();
  const send = (query: string, input: object = {}, token?: string) =>
    graphql(scene, query, { input: { pullRequestId: id, ...input } }, token);
  return { ...scene, scene, clone, sha, look, pass, send };
}

test("a base with a queue takes nothing at once, and what stands in its queue when the queue runs", async () => {
  const { ask, forge, sha, look, pass, send } = await withPull({ requiredChecks: ["build"], mergeQueue: true });
  expect(await look()).toMatchObject({ isMergeQueueEnabled: true, isInMergeQueue: false });
  expect((await send(enqueue, { expectedHeadOid: sha })).errors).toMatchObject([{ type: "UNPROCESSABLE" }]);
  await pass();
  expect(await ask("PUT", "pulls/1/merge", { body: {} })).toMatchObject({
    status: 405,
    body: { message: "Changes must be made through the merge queue" },
  });
  expect((await send(enqueue, { expectedHeadOid: "0".repeat(40) })).errors).toMatchObject([{ type: "UNPROCESSABLE" }]);
  expect((await send(enqueue, { expectedHeadOid: sha })).data.enqueuePullRequest.mergeQueueEntry.position).toBe(1);
  expect(await look()).toMatchObject({ state: "OPEN", isInMergeQueue: true });
  expect(await forge.runMergeQueue("maya/demo")).toEqual([1]);
  expect(await look()).toMatchObject({ state: "MERGED", isInMergeQueue: false });
});

test("a push takes a pull request out of the queue", async () => {
  const { forge, clone, look, send } = await withPull({ mergeQueue: true });
  await send(enqueue);
  await clone.push("work", { "b.txt": "b\n" });
  expect(await look()).toMatchObject({ isInMergeQueue: false });
  expect(await forge.runMergeQueue("maya/demo")).toEqual([]);
});

test("whoever may write takes a pull request out of the queue, which says who put it there", async () => {
  const { ask, scene, forge, look, send, guest } = await withPull({ mergeQueue: true });
  const { id } = await look();
  const leave = (token?: string) => graphql(scene, dequeue, { input: { id } }, token);
  expect((await leave()).errors).toMatchObject([{ type: "UNPROCESSABLE" }]);
  await send(enqueue);
  expect(await look()).toMatchObject({ mergeQueueEntry: { position: 1, enqueuer: { login: "maya" } } });
  expect((await leave(guest)).errors).toMatchObject([{ type: "FORBIDDEN" }]);
  expect((await leave()).data.dequeuePullRequest.mergeQueueEntry).toEqual({ position: 1 });
  expect(await look()).toMatchObject({ state: "OPEN", isInMergeQueue: false, mergeQueueEntry: null });
  const { body } = await ask("GET", "issues/1/timeline");
  expect(body.map(({ event }: { event: string }) => event)).toEqual(
    expect.arrayContaining(["added_to_merge_queue", "removed_from_merge_queue"]),
  );
  expect(await forge.runMergeQueue("maya/demo")).toEqual([]);
});

test("one that is closed leaves the queue, and does not stand there when it is opened again", async () => {
  const { ask, look, send } = await withPull({ mergeQueue: true });
  await send(enqueue);
  await ask("PATCH", "pulls/1", { body: { state: "closed" } });
  await ask("PATCH", "pulls/1", { body: { state: "open" } });
  expect(await look()).toMatchObject({ state: "OPEN", isInMergeQueue: false });
});

test("auto-merge waits for the rules, and is refused where there is nothing to wait for", async () => {
  const { ask, look, pass, send, guest } = await withPull({ requiredChecks: ["build"] });
  expect((await send(autoMerge, {}, guest)).errors).toMatchObject([{ type: "FORBIDDEN" }]);
  await send(autoMerge, { mergeMethod: "SQUASH", commitHeadline: "In" });
  expect(await look()).toMatchObject({ state: "OPEN", autoMergeRequest: { mergeMethod: "SQUASH" } });
  expect((await ask("GET", "pulls/1")).body.auto_merge).toMatchObject({ merge_method: "squash", commit_title: "In" });
  await pass();
  expect(await look()).toMatchObject({ state: "MERGED", autoMergeRequest: null });
});

test("what is clean is refused by auto-merge in GitHub's words", async () => {
  const { send } = await withPull({});
  expect((await send(autoMerge)).errors).toMatchObject([
    { type: "UNPROCESSABLE", message: expect.stringContaining("is in clean status") },
  ]);
});
