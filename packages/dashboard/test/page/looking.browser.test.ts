import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoDetails } from "./demo/demo-details.ts";
import { demoDocuments } from "./demo/demo-documents.ts";
import { type Demo, openDemo } from "./demo/open-demo.ts";
import { seriousIssues } from "./demo/serious-issues.ts";

const places = [
  ...["#/", "#/?q=cart", "#/?state=person", "#/?state=waiting", "#/outbox", "#/nowhere"],
  ...["#/profile/web", "#/profile/web?view=items", "#/profile/web?view=pulls", "#/profile/web?view=outbox"],
  ...["#/profile/web?view=runs", "#/profile/mobile", "#/profile/data-pipeline", "#/profile/none"],
  ...["#/item/web/issue:412", "#/session/s-9041", "#/session/s-9039", "#/flow/f-31", "#/trends"],
];

let demo: Demo;
beforeAll(async () => {
  demo = await openDemo(demoDocuments(Date.now()), demoDetails(Date.now()));
});
afterAll(() => demo.close());

describe.each(["light", "dark"] as const)("every page, %s", (colorScheme) => {
  it.each(places)("%s keeps nobody out and complains of nothing", async (place) => {
    const page = await demo.open(place, { colorScheme });
    for (const group of await page.locator("details.group > summary").all()) await group.click();
    expect(await seriousIssues(page)).toEqual([]);
    expect(demo.complaints).toEqual([]);
    await page.context().close();
  });
});

describe("every page on a phone", () => {
  it.each(places)("%s is no wider than the phone", async (place) => {
    const page = await demo.open(place, { viewport: { width: 375, height: 812 } });
    for (const group of await page.locator("details.group > summary").all()) await group.click();
    const sideways = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    expect(sideways).toBe(0);
    await page.context().close();
  });

  it("has its places behind a button", async () => {
    const page = await demo.open("#/", { viewport: { width: 375, height: 812 } });
    const outbox = page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Outbox" });
    expect(await outbox.isVisible()).toBe(false);
    await page.getByRole("button", { name: "Menu" }).click();
    expect(await seriousIssues(page)).toEqual([]);
    await outbox.click();
    await page.getByRole("heading", { level: 1, name: "Outbox" }).waitFor();
    expect(await outbox.isVisible()).toBe(false);
    await page.context().close();
  });
});

describe("the theme", () => {
  it("is the system's until another is chosen, and stays chosen", async () => {
    const page = await demo.open("#/", { colorScheme: "dark" });
    const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const dark = await background();
    await page.emulateMedia({ colorScheme: "light" });
    const light = await background();
    expect(light).not.toBe(dark);
    await page.getByRole("button", { name: "Theme: as the system" }).click();
    await page.getByRole("button", { name: "Theme: light" }).click();
    expect(await background()).toBe(dark);
    await page.reload();
    await page.getByRole("button", { name: "Theme: dark" }).waitFor();
    expect(await background()).toBe(dark);
    await page.context().close();
  });
});
