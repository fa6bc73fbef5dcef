import { expect, test } from "vitest";
import { cloneScene, startScene } from "../support/forge.ts";

test("a reply dropped after applying is lost, the write is not", async () => {
  const { ask, forge } = await startScene();
  forge.faults.next({ method: "POST", path: /\/issues$/ }, "drop-reply-after-applying");
  await expect(ask("POST", "issues", { body: { title: "One" } })).rejects.toThrow("fetch failed");
  expect((await ask("GET", "issues")).body).toMatchObject([{ title: "One" }]);
  expect((await ask("POST", "issues", { body: { title: "Two" } })).status).toBe(201);
  expect(forge.counters().log).toMatchObject([{ method: "POST", status: 201 }, { status: 200 }, { status: 201 }]);
});

test("a request dropped before applying leaves nothing", async () => {
  const { ask, forge } = await startScene();
  forge.faults.next({ method: "POST", times: 2 }, "drop-before-applying");
  for (let time = 0; time < 2; time += 1) {
    await expect(ask("POST", "issues", { body: { title: "One" } })).rejects.toThrow("fetch failed");
  }
  expect((await ask("GET", "issues")).body).toEqual([]);
});

test("a push whose reply is dropped fails for git and is there", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  scene.forge.faults.next({ path: /git-receive-pack$/, method: "POST" }, "drop-reply-after-applying");
  await expect(clone.push("work", { "a.txt": "a\n" })).rejects.toThrow();
  const branch = await scene.ask("GET", "branches/work");
  expect(branch.body.commit.sha).toBe(await clone.git("rev-parse", "work"));
});

test("a scripted secondary limit is answered as written, until it is cleared", async () => {
  const { ask, forge } = await startScene();
  const body = { message: "You have exceeded a secondary rate limit" };
  forge.faults.next({ times: 5 }, { status: 429, headers: { "retry-after": "60" }, body });
  const limited = await ask("GET", "issues");
  expect(limited).toMatchObject({ status: 429, body });
  expect(limited.headers.get("retry-after")).toBe("60");
  forge.faults.clear();
  expect((await ask("GET", "issues")).status).toBe(200);
});
