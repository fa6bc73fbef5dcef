import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoDetails } from "./demo/demo-details.ts";
import { demoDocuments } from "./demo/demo-documents.ts";
import { webProfile } from "./demo/demo-web.ts";
import { type Demo, openDemo } from "./demo/open-demo.ts";
import { seriousIssues } from "./demo/serious-issues.ts";

/** What a test has details say now. */
const told: { detail?: string; session?: object } = {};

let demo: Demo;
beforeAll(async () => {
  const details = demoDetails(Date.now());
  demo = await openDemo(demoDocuments(Date.now()), {
    ...details,
    item: async (...of) => {
      const item = await details.item?.(...of);
      if (!item?.decision || told.detail === undefined) return item ?? null;
      return { ...item, decision: { ...item.decision, detail: told.detail } };
    },
    session: async (id) => {
      const session = await details.session?.(id);
      return session ? { ...session, ...(id === "s-of-flow" ? told.session : {}) } : null;
    },
  });
});
afterAll(() => demo.close());

/** Each page, what says that it is there, and what is opened on it. */
const pages = [
  ["#/item/web/issue:409", "Where it stands", ["Evidence", "Changes"]],
  ["#/session/s-9039", "Changes", ["types"]],
  ["#/session/s-9041", "Now", []],
  ["#/flow/f-1", "A person decides", []],
  ["#/trends", "Sessions", ["As a table"]],
] as const;

describe.each(pages)("%s", (hash, title, opened) => {
  it.each(["light", "dark"] as const)("keeps nobody out, in the %s theme", async (colorScheme) => {
    const page = await demo.open(hash, { colorScheme });
    await page.getByRole("region", { name: title }).first().waitFor();
    for (const words of opened) await page.locator("summary", { hasText: words }).last().click();
    expect(await seriousIssues(page)).toEqual([]);
  });

  it("needs no scrolling sideways on a phone", async () => {
    const page = await demo.open(hash, { viewport: { width: 375, height: 700 } });
    await page.getByRole("region", { name: title }).first().waitFor();
    for (const words of opened) await page.locator("summary", { hasText: words }).last().click();
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
  });
});

it("goes through a graph with the arrows, and shows the selected task first", async () => {
  const page = await demo.open("#/flow/f-1");
  const graph = page.getByRole("group", { name: "Graph of tasks" });
  await graph.getByRole("button", { name: "survey" }).focus();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight"]) await page.keyboard.press(key);
  const selected = page.locator(".flow-tasks li").first();
  await expect.poll(() => selected.textContent()).toContain("reader.judge");
  await page.keyboard.press("Enter");
  await expect.poll(() => selected.textContent()).toContain("survey");
});

it("keeps of the trends in the address which span and profile they are of", async () => {
  const page = await demo.open("#/trends?hours=168");
  await page.getByRole("button", { name: "A week", pressed: true }).waitFor();
  await page.getByRole("combobox", { name: "Profile" }).selectOption("web");
  await expect.poll(() => page.url()).toMatch(/hours=168.*profile=web/);
  await page.getByText("1 now, 5 at most").waitFor();
});

describe("what changes while it is looked at", () => {
  it("shows on the page of an item as soon as its profile tells of it", async () => {
    const page = await demo.open("#/item/web/issue:409");
    const standing = page.getByRole("region", { name: "Where it stands" });
    await standing.getByText("PR #411 is open for it").waitFor();
    told.detail = "it was merged a moment ago";
    demo.set("profile:web", { ...webProfile(Date.now()), problems: 1 });
    await standing.getByText("it was merged a moment ago").waitFor();
  });

  it("shows on the page of a flow's session, which is no profile's, until it is over", async () => {
    told.session = { profileId: "flow:f-1", state: "running", endedAt: null };
    const page = await demo.open("#/session/s-of-flow");
    await page.getByRole("link", { name: "flow:f-1" }).waitFor();
    await page.getByText("running", { exact: true }).waitFor();
    told.session = { profileId: "flow:f-1", state: "concluded", outcome: "succeeded", endedAt: Date.now() };
    await page.getByText("succeeded", { exact: true }).waitFor();
  });
});

it("writes nothing on the console, and asks nobody else", () => expect(demo.complaints).toEqual([]));
