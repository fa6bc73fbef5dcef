import { afterAll, beforeAll, expect, it } from "vitest";
import type { ResidentWorker } from "../../src/index.ts";
import { demoDetails } from "./demo/demo-details.ts";
import { demoDocuments } from "./demo/demo-documents.ts";
import { quietProfile } from "./demo/demo-others.ts";
import { minute } from "./demo/demo-rows.ts";
import { nasty } from "./demo/hostile.ts";
import { isOnlyText } from "./demo/only-text.ts";
import { type Demo, openDemo } from "./demo/open-demo.ts";

const now = Date.now();
let demo: Demo;
beforeAll(async () => {
  demo = await openDemo(demoDocuments(now), demoDetails(now));
});
afterAll(() => demo.close());

async function openWorkers(profileId: string, viewport = { width: 1_440, height: 900 }) {
  const page = await demo.open(`#/profile/${profileId}`, { viewport });
  return { page, workers: page.getByRole("region", { name: "Resident workers" }) };
}

it("each says which item it has, with whom, how often it worked and until when it is kept, and leads to both", async () => {
  const { page, workers } = await openWorkers("web");
  const rows = workers.locator(".row");
  expect(await rows.count()).toBe(4);
  expect(await rows.nth(0).textContent()).toMatch(/#412[\s\S]*s-9041 with sonnet-4\.5, 1 session so far[\s\S]*at work/);
  expect(await rows.nth(3).textContent()).toMatch(
    /s-9018 with [\s\S]*2 sessions so far[\s\S]*rests[\s\S]*given up in 2\d h/,
  );
  const item = rows.nth(3).getByRole("link", { name: /#404/ });
  expect(await item.getAttribute("href")).toBe("#/item/web/issue:404");
  await rows.nth(3).getByRole("link", { name: "Last session of conversation s-9018" }).click();
  await page.waitForURL(/#\/session\/s-9030$/);
  await page.context().close();
});

it("says so where there is none", async () => {
  const { page, workers } = await openWorkers("billing");
  await workers.getByText("No conversation is kept to be gone on with.").waitFor();
  await page.context().close();
});

it("of many, with hostile names, draws the first as text, on a phone too", async () => {
  const spoilt = (n: number): ResidentWorker => ({
    ...{ id: `${nasty} ${n}`, subject: `issue:${n}`, lane: "pr-fix", backend: nasty, model: nasty, sessions: n },
    ...{ lastSession: `${nasty} ${n}`, atWork: false, lastAt: now - n * minute, keptUntil: now + n * minute },
  });
  const residents = Array.from({ length: 50 }, (_, n) => spoilt(n + 1));
  demo.set("profile:many", quietProfile(now, "many", { residents, titles: { "issue:1": nasty } }));
  const { page, workers } = await openWorkers("many", { width: 375, height: 812 });
  await workers.getByText("<script>globalThis.pwned").first().waitFor();
  await isOnlyText(page);
  expect(await workers.locator(".row").count()).toBe(8);
  await workers.getByRole("button", { name: "Show 8 more of 50 resident workers" }).click();
  await expect.poll(() => workers.locator(".row").count()).toBe(16);
  expect(demo.complaints).toEqual([]);
  await page.context().close();
});
