// Two profiles whose names, repositories and issue numbers differ by a little, each with a daemon started from a shell of
// its own: what one of them has, asks for, stops or leaves is none of the other's business.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findMarked } from "@agent-control-plane/runners";
import { afterEach, expect, it } from "vitest";
import { builtCli, installProfile, makeProduct, type Product, until } from "../support/product.ts";

let product: Product;
afterEach(() => product.close());

/** Writes down its whole environment, and works until it is told to go on. */
const work = (folder: string) =>
  [
    `all="${folder}/env-$ACP_ISSUE_NUMBER-$(basename "$ACP_REPO_SLUG")"`,
    'export -p > "$all.new" && mv "$all.new" "$all"',
    `while [ ! -e "${folder}/go" ]; do sleep 0.1; done`,
    "echo note > note.txt",
  ].join("; ");

it("a session has its own profile's environment, stopping app leaves app-web alone, and nothing listens but the forge", async () => {
  product = makeProduct();
  const { folder, json } = product;
  for (const id of ["app", "app-web"]) {
    await installProfile(product, {
      id,
      shellCommand: work(folder),
      configure: { "execution.env.pass": ["SOME_KEY"], "execution.env.set": { WHOSE: `of-${id}` } },
    });
  }
  // As from two terminals: what the first had exported must not be what the second one's sessions get.
  const inShell = (key: string, ...args: readonly string[]) =>
    new Promise<string>((done, failed) => {
      const env = {
        ...product.env,
        PATH: onlyNeeded(),
        SOME_KEY: key,
        [`LEFT_BY_${key}`]: "x",
        GITHUB_TOKEN: `gh-${key}`,
      };
      execFile(process.execPath, [builtCli, ...args], { env, cwd: folder }, (error, stdout) =>
        error ? failed(error) : done(stdout),
      );
    });
  const daemons: number[] = [];
  for (const [id, key] of [
    ["app", "one"],
    ["app-web", "two"],
  ] as const) {
    const made = await json<{ number: number }>(
      "issue",
      "create",
      "--profile-id",
      id,
      "--title",
      "A",
      "--label",
      "agent-ready",
    );
    expect(made.number).toBe(1);
    daemons.push(JSON.parse(await inShell(key, "runtime", "start", "--profile-id", id, "--json")).pid);
  }
  const environmentOf = (name: string) =>
    until(
      `the session of ${name} is at work`,
      async () => {
        const file = join(folder, `env-1-${name}`);
        return existsSync(file) && readFileSync(file, "utf8");
      },
      120_000,
    );
  const [one, two] = [await environmentOf("app"), await environmentOf("app-web")];
  for (const [text, own, other] of [
    [one, ["of-app", "one"], ["of-app-web", "two"]],
    [two, ["of-app-web", "two"], ["of-app", "one"]],
  ] as const) {
    expect(text).toContain(`WHOSE='${own[0]}'`);
    expect(text).toContain(`SOME_KEY='${own[1]}'`);
    expect(text).toContain(`PATH='${onlyNeeded()}'`);
    expect(text).not.toMatch(
      new RegExp(`WHOSE='${other[0]}'|SOME_KEY='${other[1]}'|LEFT_BY|GITHUB_TOKEN|gh-(one|two)`),
    );
  }

  expect(daemons.map(listening)).toEqual([[], []]);
  const { pid } = JSON.parse(readFileSync(join(product.home, "local-forge/forge.json"), "utf8"));
  expect(listening(pid)).toEqual([expect.stringMatching(/^0100007F:/)]); // the twin: 127.0.0.1, in the kernel's words

  const { sessions } = await json<{ sessions: { id: string; profileId: string }[] }>("sessions", "list");
  const sessionOf = (id: string) => sessions.find(({ profileId }) => profileId === id)?.id ?? "";
  const stopped = await json("runtime", "stop", "--profile-id", "app");
  expect(stopped).toMatchObject({ status: "stopped", daemons: [{ pid: daemons[0] }] });
  expect(findMarked(sessionOf("app"))).toEqual([]);
  expect(findMarked(sessionOf("app-web")).length).toBeGreaterThan(0);
  // The label that says that it is worked goes with its session, and with no other.
  const labelsOf = async (id: string) =>
    (await json<{ labels: string[] }>("issue", "view", "1", "--profile-id", id)).labels;
  expect([await labelsOf("app"), await labelsOf("app-web")]).toEqual([
    ["agent-ready"],
    expect.arrayContaining(["agent-running"]),
  ]);
  const { profiles } = await json<{ profiles: object[] }>("runtime", "status");
  expect(profiles).toMatchObject([
    { profileId: "app", running: false },
    { profileId: "app-web", running: true, pid: daemons[1] },
  ]);

  writeFileSync(join(folder, "go"), "");
  await until(
    "its pull request",
    async () => {
      const { pullRequests } = await json<{ pullRequests: unknown[] }>("pr", "list", "--profile-id", "app-web");
      return pullRequests.length === 1;
    },
    120_000,
  );
  expect(await json("pr", "list", "--profile-id", "app")).toMatchObject({ pullRequests: [] });
  // A start adds to the log and takes nothing from it.
  const log = () => readFileSync(join(product.home, "logs/runtime.log"), "utf8");
  const before = log();
  await inShell("one", "runtime", "start", "--profile-id", "app");
  expect(before).not.toBe("");
  expect(log().startsWith(before)).toBe(true);
}, 400_000);

/** A PATH with what doctor calls required, and the commands that the worker above uses. */
function onlyNeeded(): string {
  const bin = join(product.folder, "bin");
  if (existsSync(bin)) return bin;
  mkdirSync(bin);
  const found = (name: string) =>
    (process.env.PATH ?? "")
      .split(":")
      .map((place) => join(place, name))
      .find(existsSync);
  for (const name of ["git", "sh", "mv", "sleep", "basename"]) symlinkSync(found(name) ?? name, join(bin, name));
  return bin;
}

/** Addresses that a process listens on, as Linux lists them. */
function listening(pid: number): readonly string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return []; // closed meanwhile
      }
    }),
  );
  return ["tcp", "tcp6"]
    .flatMap((kind) => readFileSync(`/proc/net/${kind}`, "utf8").trim().split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === "0A" && inodes.has(fields[9] ?? ""))
    .map((fields) => fields[1] ?? "");
}
