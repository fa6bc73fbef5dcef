import { expect, test } from "vitest";
import { cloneScene, type Scene, startScene } from "../support/forge.ts";

async function state(scene: Scene) {
  const first = (await scene.ask("GET", "pulls/1")).body;
  return first.mergeable === null ? (await scene.ask("GET", "pulls/1")).body.mergeable_state : first.mergeable_state;
}

test("a protected base holds a pull request until its checks pass, it is approved, and it is up to date", async () => {
  const scene = await startScene();
  const { ask, forge } = scene;
  const clone = await cloneScene(scene);
  const sha = await clone.push("work", { "a.txt": "a\n" });
  await ask("POST", "pulls", { body: { title: "Work", head: "work", base: "main" } });
  expect(await state(scene)).toBe("clean");
  const rules = { requiredChecks: ["build"], requiredApprovals: 1, mustBeUpToDate: true };
  forge.protectBranch("maya/demo", "main", rules);
  expect((await ask("GET", "branches?protected=true")).body).toMatchObject([{ name: "main", protected: true }]);
  const merge = () => ask("PUT", "pulls/1/merge", { body: {} });
  expect(await state(scene)).toBe("blocked");
  expect(await merge()).toMatchObject({ status: 405, body: { message: 'Required status check "build" is expected.' } });

  const etag = (await ask("GET", "pulls/1")).headers.get("etag") as string;
  await forge.setChecks({ repository: "maya/demo", ref: sha, checks: { build: "success", lint: "failure" } });
  expect((await ask("GET", "pulls/1", { headers: { "if-none-match": etag } })).status).toBe(304);
  expect((await merge()).body.message).toMatch(/At least 1 approving review/);
  await ask("POST", "pulls/1/reviews", { body: { event: "APPROVE" }, token: scene.guest });
  expect(await state(scene)).toBe("blocked");
  await ask("POST", "pulls/1/reviews", { body: { event: "APPROVE" }, token: scene.robot });
  expect(await state(scene)).toBe("unstable");
  await clone.push("main", { "b.txt": "b\n" });
  expect(await state(scene)).toBe("behind");
  expect((await merge()).body.message).toMatch(/out of date/);
  forge.protectBranch("maya/demo", "main", null);
  expect(await state(scene)).toBe("unstable");
  expect((await merge()).status).toBe(200);
});
