import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import type { CliContext } from "../../src/context.ts";
import { openInBrowser } from "../../src/dashboard/open-in-browser.ts";

/** A machine on which there is at most this program, and what we said on it. */
function aMachine(program: string | null, script = "") {
  const folder = mkdtempSync(join(tmpdir(), "acp-open-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const notes: string[] = [];
  if (program) {
    writeFileSync(join(folder, program), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, program), 0o755);
  }
  const output = { note: (text: string) => notes.push(text) } as unknown as CliContext["output"];
  return { folder, notes, context: { env: { PATH: folder }, output, platform: "linux" as const } };
}

const url = "http://127.0.0.1:8765/?a=1&b=$(x)";

it.each([["xdg-open"], ["wslview"]])("hands the address as it is to %s", async (program) => {
  const { folder, context, notes } = aMachine(program, 'printf "%s" "$*" > "$0.tmp"; /bin/mv "$0.tmp" "$0.got"');
  openInBrowser(context, url);
  await vi.waitUntil(() => existsSync(join(folder, `${program}.got`)), { timeout: 10_000 });
  expect(readFileSync(join(folder, `${program}.got`), "utf8")).toBe(url);
  expect(notes).toEqual([]);
});

it("takes macOS's own program there", async () => {
  const { context, notes } = aMachine("xdg-open");
  openInBrowser({ ...context, platform: "darwin" }, url);
  expect(notes).toEqual([expect.stringContaining("none of open is on PATH")]);
});

it("says that nothing could be opened, and goes on", async () => {
  const { context, notes } = aMachine(null);
  openInBrowser(context, url);
  expect(notes).toEqual([expect.stringContaining("xdg-open, wslview")]);
});

it("says that the program did not", async () => {
  const { context, notes } = aMachine("xdg-open", "exit 3");
  openInBrowser(context, url);
  await vi.waitUntil(() => notes.length > 0, { timeout: 10_000 });
  expect(notes).toEqual([expect.stringContaining("xdg-open ended with 3")]);
});
