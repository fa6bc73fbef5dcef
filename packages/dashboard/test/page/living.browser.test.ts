import { afterEach, describe, expect, it } from "vitest";
import type { ProfileDocument } from "../../src/index.ts";
import { demoDocuments } from "./demo/demo-documents.ts";
import { quietProfile } from "./demo/demo-others.ts";
import { hold, live, minute } from "./demo/demo-rows.ts";
import { type Demo, openDemo } from "./demo/open-demo.ts";

let demo: Demo | undefined;
afterEach(async () => {
  await demo?.close();
  demo = undefined;
});

describe("a page that stays open", () => {
  it("shows a change of a profile without being loaded again, and leaves the others alone", async () => {
    const now = Date.now();
    demo = await openDemo(demoDocuments(now));
    const page = await demo.open();
    await page.evaluate("globalThis.notLoadedAgain = true");
    await page.evaluate("globalThis.kept = [...document.querySelectorAll('#running, .row')].at(-1)");
    const changed = { live: [live(now, "s-1", "issue:7", 0, { text: "I begin." })], titles: { "issue:7": "Round it" } };
    demo.set("profile:billing", quietProfile(now, "billing", changed));
    await page.getByText("I begin.").waitFor();
    expect(await page.evaluate("globalThis.notLoadedAgain && globalThis.kept.isConnected")).toBe(true);
    demo.remove("profile:billing");
    await page.getByText("I begin.").waitFor({ state: "detached" });
    expect(demo.complaints).toEqual([]);
  });

  it("lets times go on although nothing is sent", async () => {
    demo = await openDemo(demoDocuments(Date.now()));
    const page = await demo.open();
    const clock = page.getByRole("region", { name: "Running" }).locator(".doing time").first();
    const before = await clock.textContent();
    await expect.poll(() => clock.textContent(), { timeout: 5_000 }).not.toBe(before);
  });

  it("says since when a profile does not run whose runtime died", async () => {
    const now = Date.now();
    demo = await openDemo(demoDocuments(now));
    const page = await demo.open("#/profile/web");
    expect(await page.getByText("Not running since").count()).toBe(0);
    const web = demoDocuments(now).get("profile:web") as unknown as ProfileDocument;
    const host = demoDocuments(now).get("host") as unknown as { runtimes: readonly object[] };
    const [first, ...others] = host.runtimes;
    demo.set("profile:web", { ...web, running: false, pid: null, state: "stopped" });
    demo.set("host", { ...host, runtimes: [{ ...first, alive: false, lastSeenAt: now - 2 * minute }, ...others] });
    await page.getByText("Not running since").waitFor();
    await page.getByText("acp runtime start --profile-id web", { exact: true }).waitFor();
  });

  it("says that the connection is lost, to eyes and ears, and keeps what it knew", async () => {
    demo = await openDemo(demoDocuments(Date.now()));
    const page = await demo.open();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.context().setOffline(true);
    await demo.hangUp();
    await page.getByText("Connection lost", { exact: true }).waitFor();
    await page.getByRole("status").getByText("Connection to the dashboard lost").waitFor({ state: "attached" });
    expect(await page.getByRole("region", { name: "Running" }).locator(".row").count()).toBe(5);
  });
});

describe("a page of a hundred profiles", () => {
  it("draws what is looked at, and answers at once", async () => {
    const now = Date.now();
    demo = await openDemo(manyProfiles(now));
    const page = await demo.open();
    await page.getByRole("heading", { level: 2, name: "Waiting" }).waitFor();
    expect(await page.evaluate("document.querySelectorAll('main *').length")).toBeLessThan(4_000);
    await page.keyboard.press("/");
    await page.keyboard.type("profile-77 issue:3");
    await page.getByRole("region", { name: "Issues and pull requests" }).getByText("Title 3 of 77").first().waitFor();
    await page.getByRole("searchbox").fill("");
    await page.getByRole("button", { name: /^Show 30 more of 100 profiles/ }).click();
    await page.getByRole("link", { name: "profile-59", exact: true }).first().waitFor();
    expect(demo.complaints).toEqual([]);
  });
});

function manyProfiles(now: number) {
  const documents = demoDocuments(now);
  for (const key of documents.keys()) if (key.startsWith("profile:")) documents.delete(key);
  for (let one = 0; one < 100; one += 1) {
    const id = `profile-${String(one).padStart(2, "0")}`;
    const held = hold(id, now);
    const numbers = Array.from({ length: 100 }, (_, index) => index + 1);
    const profile = quietProfile(now, id, {
      live: [live(now, `s-${one}`, "issue:1", 5, { text: "I read." })],
      decisions: numbers.map((n) => held(`issue:${n}`, "issue-implementation", n % 2 ? "lane-full" : "depends-on", n)),
      titles: Object.fromEntries(numbers.map((n) => [`issue:${n}`, `Title ${n} of ${one}`])),
    });
    documents.set(`profile:${id}`, profile as never);
  }
  return documents;
}
