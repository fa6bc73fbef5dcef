// kill -9 on either side: the page is no part of the work, and says when nobody works.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, processMark } from "@agent-control-plane/runners";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { killHard, startDaemon } from "../crash/support/daemon.ts";
import { installProfile, makeProduct, type Product, until } from "../support/product.ts";
import { type OpenDashboard, openDashboard } from "./open-page.ts";

let product: Product;
let dashboard: OpenDashboard | undefined;
beforeEach(async () => {
  product = makeProduct();
  const started = join(product.env.HOME ?? "", "started");
  const shellCommand = `touch ${started}; until [ -e "$(dirname ${started})/go" ]; do sleep 0.1; done; echo a > a.md`;
  await installProfile(product, { shellCommand });
  await product.json("issue", "create", "--title", "A note is missing", "--label", "agent-ready");
});
afterEach(async () => {
  await dashboard?.close();
  dashboard = undefined;
  await product.close();
});

const atWork = () => until("the agent is at work", async () => existsSync(join(product.env.HOME ?? "", "started")));

const sessions = async () =>
  (
    await product.json<{ sessions: { kind: string; state: string; outcome: string | null }[] }>(
      "sessions",
      "list",
      "--all",
    )
  ).sessions;

describe("kill -9", () => {
  it("of the dashboard, with somebody who looks at it, touches neither the runtime nor its session", async () => {
    const daemon = await startDaemon(product);
    dashboard = await openDashboard(product);
    const { page } = dashboard;
    await page.getByText("A note is missing").first().waitFor();
    await atWork();
    const server = processMark(dashboard.process.pid ?? 0);
    expect(server && (await killHard(server))).toBe(true);

    writeFileSync(join(product.env.HOME ?? "", "go"), "");
    await until("a pull request is open", async () => {
      const { pullRequests } = await product.json<{ pullRequests: unknown[] }>("pr", "list");
      return pullRequests.length === 1;
    });
    const [first] = await sessions();
    expect(first).toMatchObject({ state: "concluded" });
    expect(isAlive(daemon)).toBe(true);
    expect(await product.json("runtime", "status")).toMatchObject({ profiles: [{ running: true, pid: daemon.pid }] });
    // A browser cannot be told; it sees it by itself, and says so.
    await page.getByText("Connection lost").first().waitFor();
  });

  it("of the runtime shows in the page within five seconds that it does not run, and since when", async () => {
    const daemon = await startDaemon(product);
    dashboard = await openDashboard(product);
    const { page } = dashboard;
    await atWork();
    await page.getByText("A note is missing").first().waitFor();
    expect(await page.getByText(/not running since/i).count()).toBe(0);
    expect(await killHard(daemon)).toBe(true);
    await page
      .getByText(/not running since/i)
      .first()
      .waitFor({ timeout: 5_000 });
    expect(
      await page
        .getByText(/not running since/i)
        .first()
        .textContent(),
    ).toMatch(/\d/);

    // And another one takes it over, session and all.
    const next = await startDaemon(product);
    await page
      .getByText(/not running since/i)
      .first()
      .waitFor({ state: "detached" });
    expect(next.pid).not.toBe(daemon.pid);
    writeFileSync(join(product.env.HOME ?? "", "go"), "");
    await until("its session has ended well", async () =>
      (await sessions()).every(({ state }) => state === "concluded"),
    );
  });
});
