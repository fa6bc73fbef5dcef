import { expect, test } from "vitest";
import { startScene } from "../support/forge.ts";

test("an unchanged answer is a 304 that costs nothing; a change is told", async () => {
  const { ask, forge, robot } = await startScene();
  await ask("POST", "issues", { body: { title: "One" } });
  const first = await ask("GET", "issues");
  const etag = first.headers.get("etag") as string;
  const used = Number(first.headers.get("x-ratelimit-used"));
  forge.resetCounters();
  const again = await ask("GET", "issues", { headers: { "if-none-match": etag } });
  expect(again).toMatchObject({ status: 304, body: "" });
  expect(Number(again.headers.get("x-ratelimit-used"))).toBe(used);
  expect(forge.counters()).toMatchObject({ requests: 1, metered: 0, notModified: 1, writes: 0 });
  expect((await ask("GET", "issues", { headers: { "if-none-match": etag }, token: robot })).status).toBe(200);
  await ask("POST", "issues/1/comments", { body: { body: "news" } });
  expect((await ask("GET", "issues", { headers: { "if-none-match": etag } })).status).toBe(200);
  expect(forge.counters()).toMatchObject({ metered: 3, writes: 1 });
  expect(forge.counters().byRoute).toMatchObject({
    "GET /repos/{owner}/{repo}/issues": 3,
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments": 1,
  });
});

test("past the primary limit everything but a look at the limit is refused", async () => {
  const { ask, forge } = await startScene();
  await ask("GET", "issues");
  forge.setRateLimit("core", 2);
  expect((await ask("GET", "issues")).status).toBe(200);
  const refused = await ask("GET", "issues");
  expect(refused.status).toBe(403);
  expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
  expect((await ask("GET", "/rate_limit")).body.resources.core).toMatchObject({ limit: 2, used: 2, remaining: 0 });
});
