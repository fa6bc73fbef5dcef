// The page in a real browser, on documents of our own: whatever a store may say, and nothing has to run for it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@agent-control-plane/core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { bundlePage } from "../../../../../scripts/bundle.mjs";
import { browserPath } from "../../../../../test/support/browser-path.ts";
import { type Details, type Document, startDashboard } from "../../../src/index.ts";

export interface Demo {
  readonly url: string;
  readonly browser: Browser;
  /** What pages wrote on their console as an error, and what they asked of anybody else. */
  readonly complaints: readonly string[];
  open(hash?: string, options?: BrowserContextOptions): Promise<Page>;
  set(key: string, document: unknown): void;
  remove(key: string): void;
  /** The server is gone; the browser stays. */
  hangUp(): Promise<void>;
  close(): Promise<void>;
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const noSeries = {
  ...{ at: [], running: [], waiting: [], pending: [] },
  ...{ oldestWaitS: [], usd: [], tokens: [], allowanceLeft: [] },
};

const nothing = new Proxy(
  { series: async () => noSeries },
  { get: (known, name) => Reflect.get(known, name) ?? (async () => null) },
) as unknown as Details;

/** Builds the page, serves it with these documents, and starts a browser. */
export async function openDemo(first: ReadonlyMap<string, Document>, details: Partial<Details> = {}): Promise<Demo> {
  let documents = new Map(first);
  const { url, stop } = await serveDemo(() => documents, details);
  const browser = await chromium.launch({ executablePath: browserPath(), args: ["--no-sandbox"] });
  const complaints: string[] = [];
  return {
    ...{ url, browser, complaints },
    async open(hash = "#/", options = {}) {
      const context = await browser.newContext({ viewport: { width: 1_440, height: 900 }, ...options });
      const page = await context.newPage();
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (asked) => !asked.url().startsWith(url) && complaints.push(`asked elsewhere: ${asked.url()}`));
      await page.goto(`${url}/${hash}`);
      await page.locator("h1").waitFor();
      return page;
    },
    set: (key, document) => {
      documents = new Map([...documents, [key, document as Document]]);
    },
    remove: (key) => {
      documents = new Map([...documents].filter(([known]) => known !== key));
    },
    hangUp: stop,
    async close() {
      await browser.close();
      await stop();
    },
  };
}

/** The server alone. */
export async function serveDemo(read: () => Map<string, Document>, details: Partial<Details> = {}, port = 0) {
  const folder = mkdtempSync(join(tmpdir(), "acp-page-"));
  await bundlePage(folder);
  const dashboard = await startDashboard({
    ...{ source: { read: async () => read() }, details: Object.assign(Object.create(nothing), details) },
    ...{ clock: systemClock, log: quiet, page: folder, host: "127.0.0.1", port, allowedHosts: [] },
    ...{ login: null, token: null, acts: null },
    lookMs: 50,
  });
  const stop = async () => {
    await dashboard.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: dashboard.url, stop };
}
