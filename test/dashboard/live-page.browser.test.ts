import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { installProfile } from "../support/product.ts";
import { aProduct } from "./a-product.ts";
import { openDashboard } from "./open-page.ts";

const rowOf = (page: Page) => page.getByRole("region", { name: "Profiles" }).locator(".row", { hasText: "web" });

describe("the page", () => {
  it("shows a session as it starts and as it is over, without being loaded again, and asks nobody else", async () => {
    const product = aProduct();
    await installProfile(product, {
      shellCommand: 'until [ -e "$HOME/go" ]; do sleep 0.1; done; echo a > a.md',
    });
    await product.json("issue", "create", "--title", "A note is missing", "--label", "agent-ready");
    const dashboard = await openDashboard(product);
    const { page } = dashboard;
    await page.evaluate(() => Object.assign(globalThis, { notLoadedAgain: true }));
    await rowOf(page).getByText("stopped", { exact: true }).waitFor();

    await product.json("runtime", "start", "--profile-id", "web");
    await rowOf(page).getByText("running", { exact: true }).waitFor();
    await page.getByRole("region", { name: "Running" }).getByText("#1", { exact: true }).waitFor();
    await page.getByRole("region", { name: "Running" }).getByText("A note is missing").waitFor();

    await product.json("runtime", "stop", "--profile-id", "web");
    await rowOf(page).getByText("stopped", { exact: true }).waitFor();
    expect(await page.evaluate(() => "notLoadedAgain" in globalThis)).toBe(true);
    expect(dashboard.complaints).toEqual([]);
  });

  it("shows within a second what changed in the store", async () => {
    const product = aProduct();
    await installProfile(product, { shellCommand: "true" });
    await product.json("runtime", "start", "--profile-id", "web");
    const dashboard = await openDashboard(product);
    const { page } = dashboard;
    await rowOf(page).getByText("running", { exact: true }).waitFor();
    const store = await product.store();
    const delays: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const seenAt = seen(page, "paused");
      await product.json("runtime", "pause", "--profile-id", "web", "--reason", "a look");
      const pausedAt = (await store.pauses.list())[0]?.at ?? Number.NaN;
      delays.push((await seenAt) - pausedAt);
      const gone = seen(page, "running");
      await product.json("runtime", "resume", "--profile-id", "web");
      await gone;
    }
    // Other programs take this machine's processors at times: it is the usual delay that is promised.
    expect(delays.sort((a, b) => a - b)[2]).toBeLessThan(1_000);
  });
});

/** When the profile's badge said so, by the browser's clock, which is this machine's. */
const seen = (page: Page, word: string): Promise<number> =>
  page.evaluate(`new Promise((resolve) => {
    const look = () => [...document.querySelectorAll(".profile-line .badge")].some((badge) => badge.textContent === ${JSON.stringify(word)})
      ? resolve(Date.now()) : setTimeout(look, 10);
    look();
  })`);
