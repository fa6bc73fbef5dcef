import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runHere } from "../support/in-process.ts";
import { type Installation, installation } from "./installation.ts";
import { stampsOf } from "./stamps.ts";

let installed: Installation;
beforeAll(async () => {
  installed = await installation();
});
afterAll(() => installed.close());

it("a healthy installation is well: exit code 0, a line for each check, and not a byte is written", async () => {
  const home = installed.home();
  const stamps = () => [home.path, join(installed.folder, "user"), join(installed.folder, "repository")].map(stampsOf);
  const before = stamps();
  const { code, said } = await home.doctor();
  expect(said.findings.filter(({ level }) => level !== "ok")).toEqual([]);
  expect({ code, ok: said.ok, fixes: said.fixes }).toEqual({ code: 0, ok: true, fixes: [] });
  const shown = await runHere(["doctor", "--profile-id", "web"], { env: home.env });
  expect(shown.stdout).toMatch(
    /ok .*Node[\s\S]*shell \(web\)[\s\S]*ann\/web: reachable, push allowed[\s\S]*all is well\n$/,
  );
  expect(stamps()).toEqual(before);
});

it("nothing installed is told in a friendly way, and nothing is made", async () => {
  const folder = join(installed.folder, "nobody");
  mkdirSync(folder);
  const env = { PATH: process.env.PATH, HOME: folder };
  const { code, stdout } = await runHere(["doctor"], { env });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/nothing-installed [\s\S]*acp setup\nall is well/),
  });
  expect(Object.keys(stampsOf(folder))).toEqual([""]);
});

it("a home that is a file, a profile that is not there and --dry-run alone are user errors or findings, without a stack", async () => {
  const file = join(installed.folder, "file");
  writeFileSync(file, "");
  const env = { PATH: process.env.PATH, HOME: installed.folder, AGENT_RUNTIME_HOME: file };
  const found = JSON.parse((await runHere(["doctor", "--json"], { env })).stdout);
  expect(found.findings).toContainEqual(expect.objectContaining({ code: "home-not-writable", level: "problem" }));
  const home = installed.home();
  for (const [args, exit, words] of [
    [["--profile-id", "nope"], 66, /"nope" is not installed.*Installed: web/],
    [["--dry-run"], 64, /give both/],
    [["--profile-id", "../x"], 2, /not valid/],
    [["--all", "--profile-id", "web"], 64, /cannot be used with/],
  ] as const) {
    const { code, stdout, stderr } = await runHere(["doctor", ...args], { env: home.env });
    expect({ code, stdout }, stderr).toEqual({ code: exit, stdout: "" });
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n\s+at /);
  }
});
