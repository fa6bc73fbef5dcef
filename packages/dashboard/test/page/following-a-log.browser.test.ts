import { afterAll, beforeAll, expect, it } from "vitest";
import { demoDetails } from "./demo/demo-details.ts";
import { demoDocuments } from "./demo/demo-documents.ts";
import { type Demo, openDemo } from "./demo/open-demo.ts";

let demo: Demo;
let text = "";
const written = (from: number, to: number) => {
  for (let n = from; n < to; n += 1) text += `line ${n}.\n`;
};

beforeAll(async () => {
  const details = demoDetails(Date.now());
  demo = await openDemo(demoDocuments(Date.now()), {
    ...details,
    session: async (id) => {
      const session = await details.session?.(id);
      return session ? { ...session, state: "running", endedAt: null, logs: { events: null, output: 1 } } : null;
    },
    sessionLog: async (_, __, { start, length }) => {
      const bytes = Buffer.from(text);
      const from = start < 0 ? Math.max(0, bytes.length + start) : Math.min(start, bytes.length);
      return { size: bytes.length, start: from, bytes: bytes.subarray(from, Math.min(bytes.length, from + length)) };
    },
  });
});
afterAll(() => demo.close());

it("follows a log as it is written, stays where the reader is, and begins anew with a new file", async () => {
  written(0, 60_000); // more than is read at once
  const page = await demo.open("#/session/s-9041");
  const log = page.getByRole("region", { name: "Log: output" });
  await log.getByText("line 59999.", { exact: true }).waitFor();
  text += "half";
  await log.getByText("half", { exact: true }).waitFor();
  text += " a line\n";
  await log.getByText("half a line", { exact: true }).waitFor();
  const isAtEnd = () => log.evaluate((box) => box.scrollHeight - box.clientHeight - box.scrollTop < 5);
  expect(await isAtEnd()).toBe(true);

  await log.evaluate((box) => box.scrollTo(0, 400));
  await page.getByRole("button", { name: "Go to the end" }).waitFor();
  written(60_000, 60_010);
  await log.getByText("line 60009.", { exact: true }).waitFor({ state: "attached" });
  expect(await isAtEnd()).toBe(false);
  await page.getByRole("button", { name: "Go to the end" }).click();
  expect(await isAtEnd()).toBe(true);

  // Once more than is drawn, and then more than is known.
  const first = () => log.locator(".log-line").first().textContent();
  const before = await first();
  await page.getByRole("button", { name: "Show earlier lines" }).click();
  await expect.poll(first).not.toBe(before);

  await page.getByLabel("Filter lines").fill("60007");
  await expect.poll(() => log.locator(".log-line").count()).toBe(1);
  await page.getByLabel("Filter lines").fill("");
  text = "";
  written(0, 2);
  await log.getByText("line 1.", { exact: true }).waitFor();
  await expect.poll(() => log.locator(".log-line").count()).toBe(2);
  // A browser notes on its console that nothing is left of what was asked for.
  expect(demo.complaints.filter((words) => !words.includes("416"))).toEqual([]);
});
