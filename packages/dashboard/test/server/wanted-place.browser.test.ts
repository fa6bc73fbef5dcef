// Where a person lands who opened a place of the page, had to log in first, and did.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { bundlePage } from "../../../../scripts/bundle.mjs";
import { browserPath } from "../../../../test/support/browser-path.ts";
import { demoDocuments } from "../page/demo/demo-documents.ts";
import { withLogin } from "./with-login.ts";

const folder = mkdtempSync(join(tmpdir(), "acp-page-"));
let browser: Browser;
let server: Awaited<ReturnType<typeof withLogin>>;
let context: BrowserContext;
beforeAll(async () => {
  await bundlePage(folder);
  browser = await chromium.launch({ executablePath: browserPath(), args: ["--no-sandbox"] });
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  server = await withLogin({ page: folder });
  for (const [key, document] of demoDocuments(Date.now())) server.set(key, document);
  context = await browser.newContext();
});
afterEach(async () => {
  await context.close();
  await server.close();
});

async function openAsStranger(place: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${server.url}/${place}`);
  await page.getByRole("heading", { name: "Login needed" }).waitFor();
  return page;
}

async function logIn(page: Page): Promise<void> {
  await page.goto(String(server.addresses.at(-1)));
  await page.getByRole("heading", { level: 1 }).filter({ hasNotText: "Logged in" }).waitFor();
}

it("the place that was wanted is there after the login, in another tab as well, and only once", async () => {
  const first = await openAsStranger("#/profile/web?view=outbox");
  const tab = await context.newPage();
  await logIn(tab);
  await tab.getByRole("heading", { level: 1, name: "web" }).waitFor();
  expect(tab.url()).toBe(`${server.url}/#/profile/web?view=outbox`);
  await first.reload();
  await first.getByRole("heading", { level: 1, name: "web" }).waitFor();
  await tab.goto(`${server.url}/icon.svg`);
  await tab.goto(`${server.url}/`);
  await tab.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
});

it("a login that ends while the page is open leads back to where it was", async () => {
  const page = await context.newPage();
  await logIn(page);
  await page.goto(`${server.url}/#/profile/api`);
  await page.getByRole("heading", { level: 1, name: "api" }).waitFor();
  await page.getByRole("button", { name: "log out" }).click();
  await page.getByRole("heading", { name: "The login is over" }).waitFor();
  await logIn(page);
  await page.getByRole("heading", { level: 1, name: "api" }).waitFor();
});

it.each([
  ...["//evil.example/", "/\\evil.example/", "https://evil.example/", "javascript:alert(1)", "%2F%2Fevil.example"],
  ...["#//evil.example", "#/%2F%2Fevil.example", "#https://evil.example"],
])("%s leads nowhere, whoever wrote it", async (hash) => {
  const page = await openAsStranger(hash.startsWith("#") ? hash : "");
  await page.evaluate(`localStorage.setItem("acp-wanted-place", ${JSON.stringify(hash)})`);
  const asked: string[] = [];
  context.on("request", (request) => asked.push(new URL(request.url()).host));
  await logIn(page);
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  expect(page.url()).toBe(`${server.url}/`);
  expect(await page.evaluate(`localStorage.getItem("acp-wanted-place")`)).toBeNull();
  expect(new Set(asked)).toEqual(new Set([new URL(server.url).host]));
});
