// Ctrl-C at a real terminal, in every command that asks or takes long: the documented exit code, and nothing half-written.
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { treeOf } from "../../packages/cli/test/support/tree.ts";
import { builtCli, installProfile, makeProduct, type Product, until } from "../support/product.ts";
import { keys, openTerminal, type Terminal } from "../support/terminal.ts";

vi.setConfig({ testTimeout: 180_000 });

let product: Product;
let temporary: string;
let terminals: Terminal[] = [];
beforeEach(() => {
  product = makeProduct();
  temporary = join(realpathSync(product.folder), "tmp");
  mkdirSync(temporary);
  product.env.TMPDIR = temporary;
});
afterEach(async () => {
  for (const terminal of terminals) terminal.close();
  terminals = [];
  await product.close();
});

function acpAtTerminal(...args: readonly string[]): Terminal {
  const around = { env: product.env, cwd: product.folder };
  const terminal = openTerminal(process.execPath, [builtCli, ...args], around);
  terminals.push(terminal);
  return terminal;
}

async function interrupt(terminal: Terminal, code: number): Promise<void> {
  terminal.type(keys.ctrlC);
  expect(await terminal.ended, terminal.shown()).toBe(code);
  expect(terminal.shown()).not.toMatch(/not expected|at async|unsettled/);
}

/** A program that says in a file that it was started, and then takes its time. */
function slowProgram(name: string, act = ""): { readonly file: string; readonly begun: string } {
  const [file, begun] = [join(product.folder, name), join(product.folder, `${name}-begun`)];
  writeFileSync(file, `#!/bin/sh\n${act}\necho > "${begun}"\nexec sleep 600\n`, { mode: 0o755 });
  return { file, begun };
}

it("at a question, in an editor and while it looks: 130, and the profile is as it was", async () => {
  const { file, begun } = slowProgram("slow-agent");
  await installProfile(product, {
    shellCommand: "true",
    configure: { "execution.coding_worker": "claude", "execution.claude.file": file },
  });
  const profiles = join(product.home, "control-plane");
  const before = treeOf(profiles);

  const asked = acpAtTerminal("remove", "--profile-id", "web");
  await asked.see('Remove profile "web"? [y/N]');
  await interrupt(asked, 130);
  expect(asked.shown()).toContain("Interrupted. Nothing was removed.");
  const left = acpAtTerminal("remove", "--profile-id", "web");
  await left.see('Remove profile "web"? [y/N]');
  left.type(keys.enter);
  expect(await left.ended).toBe(1);
  expect(treeOf(profiles)).toEqual(before);

  const untouched = slowProgram("untouched");
  product.env.EDITOR = untouched.file;
  const reading = acpAtTerminal("profile", "edit", "--profile-id", "web");
  await until("the editor is open", async () => existsSync(untouched.begun));
  await interrupt(reading, 130);
  expect(reading.shown()).toContain("Interrupted. The profile is as it was.");
  expect(treeOf(profiles)).toEqual(before);

  const changing = slowProgram("changing", 'echo "nonsense: 1" >> "$1"');
  product.env.EDITOR = changing.file;
  const writing = acpAtTerminal("profile", "edit", "--profile-id", "web");
  await until("the editor is open", async () => existsSync(changing.begun));
  await interrupt(writing, 130);
  expect(writing.shown()).toContain("Your text is kept in");
  product.env.EDITOR = "true";
  const again = acpAtTerminal("profile", "edit", "--profile-id", "web");
  await again.see("Edit it again? [y/N]");
  await interrupt(again, 130);
  const { [copy]: kept, ...others } = treeOf(profiles);
  expect(kept).toBeDefined();
  expect(others).toEqual(before);

  const looking = acpAtTerminal("doctor", "--profile-id", "web");
  await until("the worker's program is asked", async () => existsSync(begun));
  await interrupt(looking, 130);
  expect(treeOf(profiles)).toEqual({ ...before, [copy]: kept });
});

const copy = "profiles/web/control-plane.yaml.edited";

it("while it follows: 130, and what it follows goes on; the runtime at a terminal stops as it does by any signal: 0", async () => {
  await installProfile(product, { shellCommand: 'echo "$ACP_ISSUE_TITLE" >> NOTES.md' });
  const daemon = acpAtTerminal("runtime", "run");
  await daemon.see("ready: web");
  await product.json("issue", "create", "--title", "Work", "--label", "agent-ready");
  for (const [args, shown] of [
    [["events", "--follow"], "issue:1"],
    [["runtime", "logs", "--follow"], "nothing like that"],
  ] as const) {
    const following = acpAtTerminal(...args);
    await following.see(shown);
    await interrupt(following, 130);
  }
  expect(await product.json("runtime", "status")).toMatchObject({ profiles: [{ running: true }] });
  await until("the pull request is open", async () => {
    const { pullRequests } = await product.json<{ pullRequests: object[] }>("pr", "list");
    return pullRequests.length === 1;
  });
  await interrupt(daemon, 0);
  expect(await product.json("runtime", "status")).toMatchObject({ profiles: [{ running: false }] });
  expect(await product.json("store", "check")).toMatchObject({ problems: [] });
});

it("in sync: 130, no half version, none current, and the next sync is whole", async () => {
  const versions = join(product.home, "runtime-home/versions");
  const copying = acpAtTerminal("sync");
  const stagings = () => (existsSync(versions) ? readdirSync(versions).filter((name) => name.startsWith(".")) : []);
  await until("it copies", async () => stagings().length > 0);
  await interrupt(copying, 130);
  expect(readdirSync(versions)).toEqual([]);
  expect(readdirSync(join(product.home, "runtime-home"))).toEqual(["versions"]);
  expect(await product.json("sync")).toMatchObject({ status: "installed", before: null });
});

it.each([["a forge to hold it"], ["the runtime runs"]])(
  "in the demo, after “%s”: 130, and neither a folder nor a process is left",
  async (moment) => {
    const demo = acpAtTerminal("demo");
    await demo.see(moment);
    await interrupt(demo, 130);
    expect(readdirSync(temporary)).toEqual([]);
    expect(processesNaming(temporary)).toEqual([]);
  },
);

/** Processes whose command line or environment names the folder. */
function processesNaming(folder: string): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ["cmdline", "cwd"].some((part) => textOf(pid, part).includes(folder)));
}

function textOf(pid: string, part: string): string {
  try {
    return part === "cwd" ? realpathSync(`/proc/${pid}/cwd`) : readFileSync(`/proc/${pid}/${part}`, "utf8");
  } catch {
    return ""; // it ended, or is another's
  }
}
