// What a page of another site can make a real browser do to a dashboard that its person is logged in to.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { browserPath } from "../../../../test/support/browser-path.ts";
import { withLogin } from "./with-login.ts";

let server: Awaited<ReturnType<typeof withLogin>>;
let other: Server;
let browser: Browser;
let page: Page;
beforeEach(async () => {
  server = await withLogin();
  other = createServer((_, answer) => answer.setHeader("content-type", "text/html").end("<!doctype html><body>other"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  browser = await chromium.launch({ executablePath: browserPath(), args: ["--no-sandbox"] });
  page = await browser.newPage();
  await page.goto(String(server.addresses.at(-1)));
  await page.waitForURL(`${server.url}/`);
  expect(await page.evaluate("fetch('/api/v1/state').then((answer) => answer.status)")).toBe(200);
});
afterEach(async () => {
  await browser.close();
  other.close();
  await server.close();
});

/** Another port of the same host is the hardest: for cookies it is the same site. */
const places = [
  ["another port of the same address", () => `http://127.0.0.1:${(other.address() as AddressInfo).port}/`],
  ["another name", () => `http://localhost:${(other.address() as AddressInfo).port}/`],
] as const;

/** What came of each try, in that page. */
const tries = (url: string) => `(async () => {
  const read = (path, init) => fetch("${url}" + path, init).then(
    async (answer) => answer.type + " " + (await answer.text()).length, () => "refused");
  const post = { method: "POST", credentials: "include", body: '{"profile":"web"}' };
  const json = { "content-type": "application/json", "x-acp-csrf": "guess" };
  const shown = (element, at) => new Promise((resolve) => {
    element.onload = () => resolve("loaded");
    element.onerror = () => resolve("refused");
    Object.assign(element, at);
    document.body.append(element);
  });
  const stream = new EventSource("${url}/api/v1/events", { withCredentials: true });
  const followed = new Promise((resolve) => {
    stream.addEventListener("state", () => resolve("told"));
    stream.addEventListener("error", () => resolve("refused"));
  });
  return {
    read: await read("/api/v1/state", { credentials: "include" }),
    me: await read("/api/v1/me", { credentials: "include" }),
    blind: await read("/api/v1/state", { credentials: "include", mode: "no-cors" }),
    act: await read("/api/v1/acts/pause", { ...post, headers: json }),
    blindAct: await read("/api/v1/acts/pause", { ...post, mode: "no-cors" }),
    followed: await followed,
    script: await shown(document.createElement("script"), { src: "${url}/app.js" }),
    image: await shown(document.createElement("img"), { src: "${url}/icon.svg" }),
  };
})()`;

describe.each(places)("a page of %s", (_, place) => {
  it("reads nothing and does nothing, though its browser is logged in", async () => {
    await page.goto(place());
    expect(await page.evaluate(tries(server.url))).toEqual({
      ...{ read: "refused", me: "refused", act: "refused", followed: "refused", script: "refused", image: "refused" },
      // What it cannot see it cannot read; and it was refused.
      ...{
        blind: expect.stringMatching(/^(refused|opaque 0)$/),
        blindAct: expect.stringMatching(/^(refused|opaque 0)$/),
      },
    });
    expect(server.acted).toEqual([]);
  });

  it("sends no form and shows no frame of it", async () => {
    await page.goto(place());
    await page.setContent(`<form method="post" enctype="text/plain" action="${server.url}/api/v1/acts/pause">
      <input name='{"profile":"web","x":"' value='"}'><button>go</button></form>`);
    const answered = page.waitForResponse(`${server.url}/api/v1/acts/pause`);
    await page.getByRole("button").click();
    expect((await answered).status()).toBe(403);
    expect(server.acted).toEqual([]);

    await page.goto(place());
    await page.setContent(`<iframe src="${server.url}/"></iframe>`);
    const frame = page.frames().at(-1);
    await expect.poll(async () => frame?.content().catch(() => "")).not.toContain("<title>page</title>");
  });

  it("may open it by a link, which shows the page to its person and tells the other nothing", async () => {
    await page.goto(place());
    await page.setContent(`<a href="${server.url}/" target="_blank" rel="opener">look</a>`);
    const [opened] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("link").click()]);
    await opened.waitForLoadState();
    expect(await opened.evaluate("window.opener === null")).toBe(true);
    expect(server.acted).toEqual([]);
  });
});
