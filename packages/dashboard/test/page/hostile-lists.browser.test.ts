// What others wrote, in every list of the page. The pages of one thing are in hostile-details.
import { afterAll, beforeAll, expect, it } from "vitest";
import { hostileMorning } from "./demo/hostile.ts";
import { isOnlyText } from "./demo/only-text.ts";
import { type Demo, openDemo } from "./demo/open-demo.ts";

let demo: Demo;
beforeAll(async () => {
  demo = await openDemo(hostileMorning(Date.now()));
});
afterAll(() => demo.close());

it.each([
  ...["#/", "#/?q=script", "#/?state=waiting", "#/?state=person", "#/outbox", "#/profile/web", "#/profile/mobile"],
  ...["items", "pulls", "outbox", "runs"].map((view) => `#/profile/web?view=${view}`),
])("%s shows as text whatever was written, and goes on to another place at once", async (place) => {
  const page = await demo.open(place);
  await page.getByText("<script>globalThis.pwned").first().waitFor();
  await page.getByText("\\u202egpj.exe").first().waitFor();
  await isOnlyText(page);
  await page.getByRole("link", { name: "Trends" }).click();
  await page.getByRole("heading", { level: 1, name: "Trends" }).waitFor();
  expect(demo.complaints).toEqual([]);
});
