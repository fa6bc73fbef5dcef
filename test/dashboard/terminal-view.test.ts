// acp status --watch at a real pseudo-terminal.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { applyChanges } from "../../packages/dashboard/src/live/index.ts";
import { undocumented } from "../docs/json-page.ts";
import { builtCli, until } from "../support/product.ts";
import { screenAfter } from "../support/screen-model.ts";
import { openTerminal, type Terminal } from "../support/terminal.ts";
import { aShownHome, type ShownHome } from "./a-shown-home.ts";

let home: ShownHome | undefined;
let terminal: Terminal | undefined;
afterEach(async () => {
  terminal?.close();
  await home?.product.close();
  home = terminal = undefined;
});

const page = readFileSync(new URL("../../docs/json-output.md", import.meta.url), "utf8");
const size = { rows: 24, columns: 80 };
const ESC = String.fromCharCode(27);

function watch({ product }: ShownHome, { rows, columns } = size, env: NodeJS.ProcessEnv = {}, file = process.execPath) {
  const args = file === process.execPath ? [builtCli, "status", "--watch"] : ["-c", shellAround];
  const all = { ...product.env, ...env, NODE: process.execPath, ACP: builtCli };
  return openTerminal(file, args, { env: all, cwd: product.folder, size: { rows, columns } });
}

/** A terminal is as it was when its own settings, too, are. */
const shellAround = 'stty -g; "$NODE" "$ACP" status --watch; echo "ended with $?"; stty -g';

const shows = (opened: Terminal, text: string, columns = size.columns) =>
  until(`the screen shows ${text}; it shows\n${screenAfter(opened.raw(), columns).rows.join("\n")}`, async () => {
    const { rows } = screenAfter(opened.raw(), columns);
    return rows.some((row) => row.includes(text)) && rows;
  });

describe("acp status --watch at a terminal", () => {
  it("shows what changes at its place, writes nothing while nothing does, and gives the terminal back", async () => {
    home = await aShownHome("shop", "web");
    await home.holds("web", { 7: "issue #3" });
    terminal = watch(home);
    const before = await shows(terminal, "web issue:7");
    expect(screenAfter(terminal.raw(), size.columns)).toMatchObject({ isAlternate: true, hasCursor: false });
    expect(before.at(-1)).toContain("q quit");

    const written = terminal.raw().length;
    await wait(2_500);
    expect(terminal.raw().length).toBe(written);

    await home.holds("web", { 7: "issue #4" }, "sub-issues-open");
    const after = await shows(terminal, "issue #4");
    const change = terminal.raw().slice(written);
    expect(change).not.toContain("shop  not running");
    expect(after.filter((row, index) => row !== before[index])).toHaveLength(2);

    terminal.type("q");
    expect(await terminal.ended).toBe(0);
    expect(screenAfter(terminal.raw(), size.columns)).toMatchObject({
      ...{ isAlternate: false, hasCursor: true, wraps: true, rows: [] },
    });
  });

  it.each(["q", "\u0003", "SIGINT", "SIGTERM", "SIGHUP"])(
    "leaves the terminal as it was when %j ends it",
    async (end) => {
      home = await aShownHome("web");
      const shell = watch(home, size, {}, "/bin/sh");
      terminal = shell;
      await until("the screen is drawn", async () => shell.raw().includes("q quit"));
      if (end.startsWith("SIG")) {
        const [, pid] = /pid (\d+)/.exec(watcherOf(await shell.pid())) ?? [];
        process.kill(Number(pid), end as NodeJS.Signals);
      } else shell.type(end);
      expect(await shell.ended).toBe(0);
      const { rows, ...modes } = screenAfter(shell.raw().slice(shell.raw().indexOf("\n") + 1), 200);
      expect(modes).toEqual({ isAlternate: false, hasCursor: true, wraps: true });
      const [first] = shell.raw().split("\r\n");
      expect(rows).toEqual([`ended with ${end === "q" ? 0 : 130}`, first]);
    },
  );

  it("follows the window from wide to 40 columns and 10 rows and back, and scrolls what has no room", async () => {
    home = await aShownHome("api", "app", "docs", "shop", "web");
    await home.holds("web", Object.fromEntries(Array.from({ length: 9 }, (_, n) => [n + 1, `issue #${n + 50}`])));
    terminal = watch(home);
    await shows(terminal, "Profiles");
    /** As it was drawn since it had another size. */
    const rowsSince = (from: number, columns: number) => {
      const [, anew] = terminal?.raw().slice(from).split(`${ESC}[2J`) ?? [];
      return anew === undefined ? [] : screenAfter(`${ESC}[?1049h${anew}`, columns).rows;
    };
    const resized = (from: number, columns: number) =>
      until("the window is drawn anew", async () => {
        const rows = rowsSince(from, columns);
        return rows.at(-1)?.startsWith("q quit") && rows;
      });
    let from = terminal.raw().length;
    terminal.resize(10, 40);
    const small = await resized(from, 40);
    expect(small).toHaveLength(10);
    expect(small.at(-1)).toMatch(/^q quit {2}↑ ↓ scroll {2}1-\d of \d+/);
    expect(small.join("\n")).not.toContain("shop  not running");
    terminal.type("G");
    await until("the end is shown", async () => rowsSince(from, 40).some((row) => row.includes("web  not running")));
    from = terminal.raw().length;
    terminal.resize(size.rows, size.columns);
    expect(await resized(from, size.columns)).toHaveLength(size.rows);
    from = terminal.raw().length;
    terminal.resize(2, 5);
    await until("a window too small for anything is drawn", async () => (terminal?.raw().length ?? 0) > from);
    terminal.type("q");
    expect(await terminal.ended).toBe(0);
  });

  it("shows text of others as text, whatever a terminal would make of it", async () => {
    home = await aShownHome("web");
    const hostile = `${ESC}[2J${ESC}]0;pwned\u0007${ESC}[?1049l\u009b1A\rgone\u202egnp.exe\u0000 <script>alert(1)</script>`;
    await home.holds("web", { 7: hostile });
    terminal = watch(home, { rows: 24, columns: 160 });
    const rows = await shows(terminal, "\\u001b[2J\\u001b]0;pwned\\u0007\\u001b[?1049l", 160);
    expect(rows.join("\n")).toContain("\\u202egnp.exe");
    await home.holds("web", { 7: `start ${"x".repeat(1_000_000)}` }, "sub-issues-open");
    const long = await shows(terminal, "start xxx", 160);
    expect(long.every((row) => [...row].length <= 160)).toBe(true);
    terminal.type("q");
    expect(await terminal.ended).toBe(0);
  });

  it("has no colours with NO_COLOR, and goes on after Ctrl-Z where nobody could continue it", async () => {
    home = await aShownHome("web");
    terminal = watch(home, size, { NO_COLOR: "1" });
    await shows(terminal, "web  not running");
    expect(terminal.raw()).not.toMatch(new RegExp(`${ESC}\\[[0-9;]*m`));
    terminal.type("\u001a");
    await home.holds("web", { 7: "issue #4" }, "sub-issues-open");
    await shows(terminal, "issue #4");
    terminal.type("q");
    expect(await terminal.ended).toBe(0);
  });
});

describe("acp status --watch where there is no terminal", () => {
  const piped = ({ product }: ShownHome, ...flags: readonly string[]) => {
    const child = spawn(process.execPath, [builtCli, "status", "--watch", ...flags], {
      ...{ env: product.env, cwd: product.folder, stdio: ["ignore", "pipe", "inherit"] },
    }) as ChildProcessByStdio<null, Readable, null>;
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
    const ended = once(child, "exit");
    const says = (wanted: string) => until(`it says ${wanted}; it said\n${text}`, async () => text.includes(wanted));
    return { child, ended, says, text: () => text };
  };

  it("prints what there is, then a line for each change, and nothing that moves a cursor", async () => {
    home = await aShownHome("web");
    await home.holds("web", { 7: "issue #3" });
    const watcher = piped(home);
    await watcher.says("web  not running");
    const before = watcher.text().length;
    await home.holds("web", { 7: `issue #4 ${ESC}[2J` }, "sub-issues-open");
    await watcher.says("issue #4");
    expect(watcher.text().slice(before)).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z {2}web issue:7 {2}sub-issues-open {2}its sub-issues are not done {2}issue #4 \\u001b\[2J\n$/,
    );
    watcher.child.kill("SIGINT");
    expect(await watcher.ended).toEqual([130, null]);
    expect(watcher.text()).not.toContain(ESC);
  });

  it("with --json prints everything, then the changes that lead to what there is, one document a line", async () => {
    home = await aShownHome("shop", "web");
    const watcher = piped(home, "--json", "--profile-id", "web");
    await watcher.says('"profile:web"');
    await home.holds("shop", { 1: "issue #2" });
    await home.holds("web", { 7: "issue #4" }, "sub-issues-open");
    await watcher.says("issue #4");
    watcher.child.kill("SIGTERM");
    await watcher.ended;
    const [first, ...frames] = watcher
      .text()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const shown = frames.reduce((documents, { changes }) => applyChanges(documents, changes), first.documents);
    expect(Object.keys(shown)).toEqual(["host", "machine", "profile:web"]);
    expect(shown["profile:web"].decisions).toMatchObject([{ subject: "issue:7", detail: "issue #4" }]);
    expect(JSON.stringify(frames)).not.toContain("profile:shop");
    for (const document of [first, ...frames]) expect(undocumented(page, "acp status --watch", document)).toEqual([]);
  });

  it("is done when whoever reads it has seen enough, and refuses a profile that nobody heard of", async () => {
    home = await aShownHome("web");
    const watcher = piped(home);
    await watcher.says("web  not running");
    watcher.child.stdout.destroy();
    await home.holds("web", { 7: "issue #4" }, "sub-issues-open");
    expect(await watcher.ended).toEqual([0, null]);
    expect((await home.product.acp("status", "--watch", "--profile-id", "none")).code).toBe(66);
    expect((await home.product.acp("status", "--watch", "--check")).code).toBe(64);
  });
});

/** The process that a shell has started, as `pid N`. */
function watcherOf(shell: number): string {
  const children = readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8");
  return `pid ${children.trim()}`;
}
