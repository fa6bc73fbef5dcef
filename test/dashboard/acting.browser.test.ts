import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { installProfile } from "../support/product.ts";
import { aProduct } from "./a-product.ts";
import { type OpenDashboard, openDashboard } from "./open-page.ts";

const workflow = "mkdir -p .github/workflows && echo 'on: push' > .github/workflows/own.yml";

async function atWork(flags: readonly string[], shellCommand = "echo a > a.md") {
  const product = aProduct({ ACP_ACTOR: "ann" });
  await installProfile(product, { shellCommand });
  await product.json("issue", "create", "--title", "A note is missing", "--label", "agent-ready");
  const dashboard = await openDashboard(product, flags);
  if (flags.length > 0) await dashboard.page.getByRole("button", { name: /ann log out/ }).waitFor();
  return { product, dashboard, page: dashboard.page };
}

/** What axe finds that keeps somebody from using the page. */
async function hindrances(page: OpenDashboard["page"]): Promise<readonly string[]> {
  // As the browser's console would: the content policy lets no page run it.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  const found = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

describe("the page of who is logged in", () => {
  it("pauses and resumes a profile by the keyboard alone, and the log says who did", async () => {
    const { product, page, dashboard } = await atWork(["--actions"]);
    await page.evaluate('location.assign("#/profile/web")');
    const pause = page.getByRole("button", { name: "Pause web" });
    await pause.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Nothing new starts").waitFor();
    await dialog.getByLabel(/Why/).fill("release week");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await dialog.getByRole("status").getByText("Paused: web.").waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("release week").waitFor();
    const [event] = (await product.acp("events", "--json", "--last", "1")).stdout.trim().split("\n");
    expect(JSON.parse(event ?? "")).toMatchObject({ kind: "profile-paused", actor: "dashboard:ann" });

    await page.getByRole("button", { name: "Resume web" }).click();
    await dialog.getByRole("button", { name: "Resume" }).click();
    await dialog.getByRole("status").getByText("Resumed: web.").waitFor();
    expect(dashboard.complaints).toEqual([]);
  });

  it("approves work that is held back, and it goes out", async () => {
    const { product, page, dashboard } = await atWork(["--actions"], workflow);
    await product.json("runtime", "start", "--profile-id", "web");
    const approve = page.getByRole("button", { name: /^Approve/ }).first();
    await approve.waitFor();
    // The question is on its way to the item at first, and a label before it would not count.
    for (;;) {
      await approve.click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Approve" }).click();
      const said = dialog.getByRole("status").filter({ hasText: /\w/ });
      const text = (await said.textContent()) ?? "";
      await page.keyboard.press("Escape");
      if (text.startsWith("#1 has the label")) break;
      expect(text).toContain("cannot be approved yet");
    }
    await expect
      .poll(async () => (await product.json<{ pullRequests: [] }>("pr", "list")).pullRequests.length, {
        timeout: 40_000,
      })
      .toBe(1);
    const events = (await product.acp("events", "--json", "--issue", "1")).stdout.trim().split("\n");
    const given = events.map((line) => JSON.parse(line)).filter(({ kind }) => kind === "approval.given");
    expect(given).toMatchObject([{ actor: "dashboard:ann", body: { number: 1, label: "agent-human-approved" } }]);
    expect(dashboard.complaints).toEqual([]);
  });

  it("is told when the login is over, and goes on by itself after the next", async () => {
    const { product, page } = await atWork(["--actions"]);
    await page.getByRole("button", { name: /ann log out/ }).click();
    await page.getByRole("alert").getByText("The login is over").waitFor();
    const { address } = await product.json<{ address: string }>("dashboard-login");
    const other = await page.context().newPage();
    await other.goto(address);
    await other.getByRole("button", { name: /ann log out/ }).waitFor();
    await page.getByRole("button", { name: /ann log out/ }).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });
});

describe.each(["light", "dark"] as const)("acts by %s theme", (colorScheme) => {
  it("hinder nobody, on a phone or at a desk", async () => {
    const { page } = await atWork(["--actions"]);
    await page.emulateMedia({ colorScheme });
    await page.evaluate('location.assign("#/profile/web")');
    for (const width of [375, 1_200]) {
      await page.setViewportSize({ width, height: 700 });
      await page.getByRole("button", { name: "Pause web" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel(/Why/).waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      expect(await hindrances(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "hidden" });
      expect(await hindrances(page)).toEqual([]);
    }
    const folder = process.env.ACP_LOOK;
    if (folder) await page.screenshot({ path: `${folder}/acts-${colorScheme}.png` });
  });
});

describe("the page of a dashboard that only looks", () => {
  it("shows its acts as they are, says why not, and sends nothing", async () => {
    const { page, dashboard } = await atWork([]);
    const posted: string[] = [];
    page.on("request", (request) => request.method() === "POST" && posted.push(request.url()));
    await page.evaluate('location.assign("#/profile/web")');
    const pause = page.getByRole("button", { name: /^Pause web/ });
    await expect.poll(() => pause.getAttribute("title")).toContain("acp dashboard --actions");
    expect(await pause.getAttribute("aria-disabled")).toBe("true");
    await pause.click({ force: true });
    const dialog = page.getByRole("dialog");
    await dialog.getByText("acp dashboard --actions").waitFor();
    expect(await dialog.getByRole("button").allInnerTexts()).toEqual(["Close"]);
    expect(await hindrances(page)).toEqual([]);
    expect(posted).toEqual([]);
    expect(dashboard.complaints).toEqual([]);
  });
});
