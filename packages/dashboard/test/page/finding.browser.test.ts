import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { demoDocuments } from "./demo/demo-documents.ts";
import { type Demo, openDemo } from "./demo/open-demo.ts";

let demo: Demo;
let page: Page | undefined;
beforeAll(async () => {
  demo = await openDemo(demoDocuments(Date.now()));
});
afterEach(async () => {
  await page?.context().close();
  page = undefined;
});
afterAll(() => demo.close());

const hashOf = (of: Page): Promise<string> => of.evaluate("decodeURIComponent(location.hash)");
const rowsOf = (of: Page, section: string) => of.getByRole("region", { name: section }).locator(".row");

describe("a filter", () => {
  it("leaves what fits, stands in the address, and is there again when that is opened", async () => {
    page = await demo.open();
    await page.getByRole("searchbox").fill("discount");
    await rowsOf(page, "Issues and pull requests").nth(2).waitFor();
    expect(await rowsOf(page, "Issues and pull requests").allInnerTexts()).toEqual([
      expect.stringContaining("Discount is rounded"),
      expect.stringContaining("Show the discount"),
      expect.stringContaining("Discounts in the weekly"),
    ]);
    expect(await hashOf(page)).toBe("#/?q=discount");

    await page.getByRole("navigation", { name: "State" }).getByRole("link", { name: "Waiting" }).click();
    expect(await hashOf(page)).toBe("#/?q=discount&state=waiting");
    await expect.poll(() => rowsOf(page as Page, "Issues and pull requests").count()).toBe(2);

    const other = await page.context().newPage();
    await other.goto(`${demo.url}/#/?q=discount&state=waiting`);
    await rowsOf(other, "Issues and pull requests").first().waitFor();
    expect(await rowsOf(other, "Issues and pull requests").count()).toBe(2);
    expect(await other.getByRole("searchbox").inputValue()).toBe("discount");
  });

  it("is what a figure of the overview leads to", async () => {
    page = await demo.open();
    await page.getByRole("link", { name: /^Needs a person/ }).click();
    await page.getByRole("region", { name: "Needs a person" }).waitFor();
    expect(await hashOf(page)).toBe("#/?state=person");
    expect(await rowsOf(page, "Needs a person").count()).toBe(5);
  });

  it("says so when nothing fits, and leads back to everything", async () => {
    page = await demo.open("#/?q=no such thing");
    await page.getByText("Nothing fits").waitFor();
    await page.getByRole("link", { name: "Show everything" }).click();
    await page.getByRole("region", { name: "Running" }).waitFor();
    expect(await page.getByRole("searchbox").inputValue()).toBe("");
  });

  it("of a profile looks through the view that is open", async () => {
    page = await demo.open("#/profile/web?view=outbox");
    await page.getByRole("searchbox").fill("422");
    await expect.poll(() => rowsOf(page as Page, "Failed or held back").count()).toBe(1);
    await page.getByRole("region", { name: "On the way" }).getByText("Nothing fits the search.").waitFor();
    expect(await hashOf(page)).toBe("#/profile/web?view=outbox&q=422");
  });
});

describe("the keyboard alone", () => {
  it("searches, steps through rows, opens one and comes back", async () => {
    page = await demo.open();
    const keys = page.keyboard;
    await keys.press("/");
    await keys.type("keyboard focus");
    await rowsOf(page, "Issues and pull requests").first().waitFor();
    await keys.press("Escape");
    expect(await hashOf(page)).toBe("#/");
    await keys.press("Escape");

    const focused = () => (page as Page).evaluate("document.activeElement?.textContent ?? ''") as Promise<string>;
    await keys.press("j");
    expect(await focused()).toBe("data-pipeline");
    await keys.press("j");
    await keys.press("j");
    expect(await focused()).toContain("Take the new payment provider's refunds");
    await keys.press("k");
    expect(await focused()).toBe("mobile");
    await keys.press("Enter");
    await page.getByRole("heading", { level: 1, name: "mobile" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();

    await keys.press("2");
    await page.getByRole("heading", { level: 1, name: "Outbox" }).waitFor();
    expect(await page.title()).toBe("Outbox · agent-control-plane");
  });

  it("reaches the content past the header, and everything in it", async () => {
    page = await demo.open();
    await page.keyboard.press("Tab");
    await page.getByRole("button", { name: "Skip to content" }).press("Enter");
    expect(await page.evaluate("document.activeElement?.id")).toBe("main");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement?.closest('main') !== null")).toBe(true);
  });

  it("shows what its keys are, and types letters where one writes", async () => {
    page = await demo.open();
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard" });
    await help.waitFor();
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "hidden" });
    await page.keyboard.press("/");
    await page.keyboard.type("jk?2");
    expect(await page.getByRole("searchbox").inputValue()).toBe("jk?2");
    expect(await help.isVisible()).toBe(false);
  });
});

describe("a link to a place", () => {
  it("opens it, whatever was open before", async () => {
    page = await demo.open("#/profile/web?view=pulls");
    await page.getByRole("region", { name: "Pull requests" }).getByText("critical app").waitFor();
    await page.evaluate("location.hash = '#/profile/api'");
    await page.getByRole("heading", { level: 1, name: "api" }).waitFor();
    await page.getByText("go test ./internal/ledger/...").waitFor();
    await page.goBack();
    await page.getByRole("region", { name: "Pull requests" }).waitFor();
  });
});
