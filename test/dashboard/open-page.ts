// A real browser on a real dashboard of a product under test.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type Browser, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { browserPath } from "../support/browser-path.ts";
import { builtCli, type Product } from "../support/product.ts";

export interface OpenDashboard {
  readonly url: string;
  readonly page: Page;
  readonly browser: Browser;
  /** What the page wrote on its console as an error, and what it failed to load. */
  readonly complaints: readonly string[];
  readonly process: ChildProcess;
  close(): Promise<void>;
}

/** Starts `acp dashboard` and looks at it, until the test is over. The browser is Debian's (`apt-get install chromium`), or CHROMIUM names one. */
export async function openDashboard(product: Product, flags: readonly string[] = []): Promise<OpenDashboard> {
  // First of all: a browser that does not start would leave a dashboard behind.
  const browser = await chromium.launch({ executablePath: browserPath(), args: ["--no-sandbox"] });
  onTestFinished(() => browser.close());
  const { url, login, child } = await serveDashboard(product, flags);
  const close = async () => {
    await browser.close();
    await endDashboard(child);
  };
  onTestFinished(close);
  const page = await (await browser.newContext()).newPage();
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on(
    "request",
    (request) => !request.url().startsWith(url) && complaints.push(`asked elsewhere: ${request.url()}`),
  );
  await page.goto(login ?? url);
  return { url, page, browser, complaints, process: child, close };
}

/** `acp dashboard --port 0`, until it says where it serves. */
export async function serveDashboard(product: Product, flags: readonly string[] = []) {
  const child = spawn(process.execPath, [builtCli, "dashboard", "--port", "0", "--json", ...flags], {
    ...{ env: product.env, cwd: product.folder, stdio: ["ignore", "pipe", "inherit"] },
  });
  const [line] = await once(child.stdout, "data");
  const { url, login } = JSON.parse(String(line)) as { url: string; login: string | null };
  return { url, login, child };
}

export async function endDashboard(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  return (await ended)[0] as number | null;
}
