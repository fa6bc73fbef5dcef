// Every exit code that docs/cli.md names, of a real process, beside the failure it prints for programs.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { builtCli, makeProduct, type Product, type Ran, until } from "../support/product.ts";
import { root } from "../tooling/project-files.ts";
import { daemonsOf } from "./observing.ts";

let product: Product;
beforeEach(() => {
  product = makeProduct();
});
afterEach(() => product.close());

const page = readFileSync(join(root, "docs/cli.md"), "utf8");
const documented = [...page.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));

it("documents these codes", () => {
  expect(documented).toEqual([0, 1, 2, 64, 66, 130]);
});

it("0, 1, 2, 64 and 66 mean what the page says, with the same words for programs", async () => {
  const failed = async (code: number, words: RegExp, ...args: readonly string[]): Promise<void> => {
    const plain: Ran = await product.acp(...args);
    expect([args, plain.code, plain.stdout]).toEqual([args, code, ""]);
    expect(plain.stderr).toMatch(words);
    expect(plain.stderr).not.toMatch(/\n {4}at /);
    const asked = await product.acp(...args, "--json");
    expect([asked.code, asked.stderr]).toEqual([code, plain.stderr]);
    expect(JSON.parse(asked.stdout)).toEqual({ error: expect.stringMatching(words), exitCode: code });
  };
  expect(await product.json("runtime", "status")).toMatchObject({ profiles: [] });
  await failed(1, /There is no session "s1"\. "acp sessions list --all" shows them/, "sessions", "show", "s1");
  await failed(2, /--repo-root \S+ is not there/, "init", "--profile-id", "web", "--repo-root", "nowhere");
  await failed(64, /unknown option '--al'[\s\S]*Did you mean --all\?/, "runtime", "status", "--al");
  await failed(66, /Profile "web" is not installed/, "runtime", "start", "--profile-id", "web");
  expect((await product.acp("runtime", "status", "--al")).stderr).toContain("Run with --help to see how it is used.");
  expect((await product.acp("runtime", "start", "--profile-id", "web", "--debug")).stderr).toMatch(/\n {4}at /);
});

it("130 ends a demo that a person interrupts, and nothing of it is left", async () => {
  const demo = spawn(process.execPath, [builtCli, "demo", "--json"], {
    env: { ...product.env, TMPDIR: product.folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let printed = "";
  demo.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  demo.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const ended = new Promise<number | null>((done) => demo.once("close", done));
  await until("a session works", async () => said.includes("an agent works"), 120_000);
  const home = join(product.folder, readdirSync(product.folder).find((name) => name.startsWith("acp-demo-")) ?? "");
  const folder = { home: join(home, "runtime-home") };
  expect([daemonsOf(folder).length, daemonsOf(folder, "forge run").length]).toEqual([1, 1]);
  demo.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(said).toContain("interrupted; cleaning up (Ctrl-C again leaves at once)");
  expect(JSON.parse(printed)).toEqual({ error: "Interrupted.", exitCode: 130 });
  expect([daemonsOf(folder), daemonsOf(folder, "forge run")]).toEqual([[], []]);
  expect(readdirSync(product.folder).filter((name) => name.startsWith("acp-demo-"))).toEqual([]);
});
