import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostileDetails, hostileDocuments } from "./demo/hostile.ts";
import { isOnlyText } from "./demo/only-text.ts";
import { type Demo, openDemo } from "./demo/open-demo.ts";

let demo: Demo;
beforeAll(async () => {
  demo = await openDemo(hostileDocuments(Date.now()), hostileDetails(Date.now()));
});
afterAll(() => demo.close());

describe("what comes from outside is text", () => {
  it("on the page of an item", async () => {
    const page = await demo.open("#/item/web/issue:1");
    await page.getByRole("heading", { level: 1 }).getByText("<script>").waitFor();
    await page.getByText("\\u202egpj.exe").first().waitFor();
    for (const name of ["Evidence", "Changes"]) await page.getByText(name, { exact: true }).first().click();
    await page.getByText("20003 lines added").waitFor();
    await isOnlyText(page);
  });

  it("on the page of a session, in what it does, prints and changes", async () => {
    const page = await demo.open("#/session/s-1");
    await page.getByRole("region", { name: "Log: events" }).getByText("<script>").first().waitFor();
    await page.getByText("more characters").first().waitFor();
    await page.getByRole("button", { name: "Show earlier lines" }).click();
    await page.getByText("x".repeat(1_999)).first().waitFor();
    await isOnlyText(page);
    await page.getByRole("button", { name: "What it prints" }).click();
    const output = page.getByRole("region", { name: "Log: output" });
    await output.getByText("safe\\u202egpj.exe\\u2066 red").last().waitFor();
    await page.getByLabel("Control characters").check();
    await output.getByText("\\u001b[31mred").last().waitFor();
    const file = page.getByText("\\u202e<img src=x onerror=pwned=6>");
    await file.click();
    await page.getByText("Show 2000 more of").click();
    await page.getByText("diff --git a/fake b/fake").waitFor();
    await isOnlyText(page);
  });

  it("on the page of a flow, also in its graph and in the command that answers", async () => {
    const page = await demo.open("#/flow/f-1");
    await page.getByText("acp flow decide").first().waitFor();
    await page.locator("[data-task]").first().click();
    await page.keyboard.press("ArrowRight");
    await isOnlyText(page);
  });

  it("without a word of complaint", () => expect(demo.complaints).toEqual([]));
});
