import { join } from "node:path";
import { expect, test } from "vitest";
import { connectForgeAdmin } from "../../src/index.ts";
import { startScene } from "../support/forge.ts";

test("what one span of time asked is counted by itself: a route, charged or not", async () => {
  const scene = await startScene();
  const admin = connectForgeAdmin(join(scene.folder, "forge"));
  if (!admin) throw new Error("the running forge did not say where it answers");
  const etag = (await scene.ask("GET", "issues")).headers.get("etag") as string;
  const { sequence } = await admin.counters();
  await scene.ask("GET", "issues", { headers: { "if-none-match": etag } });
  await scene.ask("GET", "pulls");
  await scene.ask("POST", "issues", { body: { title: "One" } });
  const spent = await admin.counters({ since: sequence });
  expect(spent).toMatchObject({ requests: 3, metered: 2, notModified: 1, writes: 1, meteredBy: { core: 2 } });
  expect(spent.routes).toEqual({
    "GET /repos/{owner}/{repo}/issues": { requests: 1, metered: 0, notModified: 1 },
    "GET /repos/{owner}/{repo}/pulls": { requests: 1, metered: 1, notModified: 0 },
    "POST /repos/{owner}/{repo}/issues": { requests: 1, metered: 1, notModified: 0 },
  });
  expect(spent.log.map(({ route, status, metered }) => `${route} ${status} ${metered}`)[0]).toBe(
    "GET /repos/{owner}/{repo}/issues 304 false",
  );
  expect(scene.forge.counters({ since: spent.sequence })).toMatchObject({ requests: 0, log: [] });
  expect(scene.forge.counters().requests).toBe(4);
});

test("a span the log no longer holds is refused instead of counted wrongly", async () => {
  const scene = await startScene();
  await scene.ask("GET", "issues");
  scene.forge.resetCounters();
  await scene.ask("GET", "issues");
  expect(scene.forge.counters({ since: 1 }).requests).toBe(1);
  expect(() => scene.forge.counters({ since: 0 })).toThrow(/from 1 on are asked for, those from 2 on are kept/);
});
