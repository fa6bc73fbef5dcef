import { describe, expect, it } from "vitest";
import { installProfile, until } from "../support/product.ts";
import { aProduct } from "./a-product.ts";
import { openDashboard } from "./open-page.ts";

/** Hostile, as it comes from an issue, a file's name and what a program prints. */
const title = "A <img src=x onerror=globalThis.pwned=1> note is \u202e missing";
const command = `printf '\\033[31mred <script>globalThis.pwned=2</script>\\n'; echo 'a <b>note</b>' > 'a <i>.md'`;

describe("what the page shows of one issue", () => {
  it("is its story up to the pull request, and of its session the log, the evidence and the changes", async () => {
    const product = aProduct();
    await installProfile(product, { shellCommand: command });
    await product.json("issue", "create", "--title", title, "--label", "agent-ready");
    await product.json("runtime", "start", "--profile-id", "web");
    const store = await product.store();
    const session = await until("the work is published", async () =>
      (await store.sessions.list({ profileId: "web", subject: "issue:1", states: ["concluded"] })).find(
        ({ kind, outcome }) => kind === "agent" && outcome === "published",
      ),
    );
    const dashboard = await openDashboard(product);
    const { page, url } = dashboard;

    await page.goto(`${url}/#/item/web/issue:1`);
    await page.getByRole("heading", { level: 1 }).getByText("A <img src=x onerror=globalThis.pwned=1>").waitFor();
    const story = page.getByRole("region", { name: "What happened" });
    for (const words of ["taken on", "session began", "written"])
      await story.getByText(words, { exact: true }).first().waitFor();
    await story.getByRole("link", { name: session.id }).first().click();

    await page.getByRole("heading", { name: session.id }).waitFor();
    const changes = page.getByRole("region", { name: "Changes" });
    await changes.getByText("a <i>.md").waitFor();
    await changes.getByText("+a <b>note</b>").waitFor();
    await page.getByRole("region", { name: "Evidence" }).getByText("whitespace").waitFor();
    await page.getByRole("button", { name: "What it prints" }).click();
    await page.getByText("red <script>globalThis.pwned=2</script>").first().waitFor();
    expect(await page.evaluate(() => "pwned" in globalThis)).toBe(false);
    expect(dashboard.complaints).toEqual([]);
  });
});
