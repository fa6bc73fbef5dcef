import { expect, test } from "vitest";
import { cloneScene, startScene } from "../support/forge.ts";

test("of two merges of one pull request at the same moment one wins and the other is refused", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  await clone.push("work", { "a.txt": "a\n" });
  await scene.ask("POST", "pulls", { body: { title: "Work", head: "work", base: "main" } });
  const merge = (merge_method: string) => scene.ask("PUT", "pulls/1/merge", { body: { merge_method } });
  const answers = await Promise.all([merge("squash"), merge("merge")]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 405]);
  await clone.git("fetch", "-q", "origin");
  expect(await clone.git("rev-list", "--count", "--first-parent", "origin/main")).toBe("2");
});

test("of two pull requests for one branch at the same moment one is made", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  await clone.push("work", { "a.txt": "a\n" });
  const open = () => scene.ask("POST", "pulls", { body: { title: "Work", head: "work", base: "main" } });
  const answers = await Promise.all([open(), open(), open()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422]);
});

test("numbers are given once, however many ask together", async () => {
  const { ask } = await startScene();
  const made = await Promise.all(Array.from({ length: 20 }, () => ask("POST", "issues", { body: { title: "Same" } })));
  expect(made.map(({ body }) => body.number).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
});
