// What the packed tarball must be able to do alone, in an empty folder with an empty HOME. Two tests share it: one
// unpacks it beside the native module that is built already, the slow one has npm install it and compile that module.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeRepository, type Ran, until } from "../support/product.ts";
import { acting, lasting, looking } from "./every-command.ts";
import { treeOf } from "./observing.ts";

const root = resolve(import.meta.dirname, "..", "..");
/** As this workspace has it, built for the Node that runs the tests. */
export const nativeModule = join(root, "packages/core/node_modules/better-sqlite3");
let folder = "";
let home = "";
let env: NodeJS.ProcessEnv = {};

export interface Place {
  /** The folder it is installed in, with a package.json of its own. */
  readonly app: string;
  readonly tarball: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Defines the tests. `install` puts the package into `app/node_modules`, its commands into `.bin` there. */
export function describeInstalledPackage(install: (place: Place) => void): void {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "acp-tarball-"));
    home = join(folder, "home");
    const app = join(folder, "app");
    for (const made of [home, app]) mkdirSync(made);
    const packed = execFileSync(process.execPath, ["scripts/pack.mjs"], { cwd: root, encoding: "utf8", stdio: "pipe" });
    const tarball = packed.trim().split("\n").at(-1) ?? "";
    env = { ...npmSettings(), PATH: process.env.PATH, HOME: home, LANG: "C.UTF-8", NO_COLOR: "1" };
    writeFileSync(join(app, "package.json"), `{ "private": true, "type": "module" }`);
    install({ app, tarball, env });
  }, 600_000);

  afterAll(async () => {
    await npx("acp", "runtime", "stop", "--all");
    await npx("acp", "forge", "stop");
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  it("brings one dependency, both commands and complete types of agent-control-plane/core", async () => {
    const { dependencies } = JSON.parse(
      readFileSync(join(folder, "app/node_modules/agent-control-plane/package.json"), "utf8"),
    );
    expect(Object.keys(dependencies)).toEqual(["better-sqlite3"]);
    const { version } = JSON.parse(readFileSync(join(root, "packages/cli/package.json"), "utf8"));
    for (const name of ["agent-control-plane", "acp"]) {
      expect(await npx(name, "--version")).toMatchObject({ code: 0, stdout: `${version}\n` });
    }
    const program = `
      import { claimTask, enqueueTask, openTaskStore, releaseTask } from "agent-control-plane/core";
      const store = await openTaskStore("./tasks.db");
      await enqueueTask(store, { queue: "mail", dedupeKey: "welcome/42", payload: { user: 42 } });
      const claim = await claimTask(store, { queue: "mail", owner: "worker-1", leaseMs: 60_000 });
      if (claim) await releaseTask(store, claim.lease, { kind: "succeeded", result: { sent: true } });
      console.log(claim?.task.dedupeKey);
      await store.close();`;
    expect(typesOf(program)).toBe("");
    expect(spawnSync("node", ["program.js"], { cwd: join(folder, "app"), env, encoding: "utf8" }).stdout).toBe(
      "welcome/42\n",
    );
  });

  it("drives flows as library calls of agent-control-plane/flows, with types", async () => {
    const program = `
      import { decide, FlowError, flowResults, flowStatus, listFlows, submitFlow, waitForFlow, watchFlow } from "agent-control-plane/flows";
      const home = "./flows-home";
      const result = 'echo "{\\\\"made\\\\": 1}" > "$ACP_RESULT_FILE"';
      const { flow } = await submitFlow(
        { tasks: [{ id: "make", worker: "shell", command: result }, { id: "ask", worker: "shell", command: "exit 1", on_fail: "ask" }] },
        { home },
      );
      for await (const { type, ref } of watchFlow(flow, { home }))
        if (type === "DECISION_NEEDED") await decide(String(ref), "continue", { home });
      const { state } = await waitForFlow(flow.slice(0, 8), { home, timeoutMs: 60_000 });
      const { tasks } = await flowResults(flow, { home, task: "make" });
      const failed = (await flowStatus(flow, { home })).tasks.filter((task) => task.state === "failed");
      const unknown = await flowStatus("f0", { home }).catch((error) => (error instanceof FlowError ? error.code : "?"));
      const open = await listFlows({ home });
      console.log(state, JSON.stringify(tasks[0]?.result), failed.map(({ id }) => id).join(), unknown, open.length);
      const bad = await submitFlow("tasks: [{ id: a, comand: x }]", { home }).catch((error) => error.problems[0].line);
      console.log(bad);`;
    expect(typesOf(program)).toBe("");
    const ran = await run("node", ["program.js"]);
    expect(ran).toMatchObject({
      code: 0,
      stdout: 'succeeded {"made":1} ask unknown-flow 0\n1\n',
      stderr: "",
    });
    env.AGENT_RUNTIME_HOME = join(folder, "app/flows-home");
    const stopped = await acp("runtime", "stop", "--all");
    delete env.AGENT_RUNTIME_HOME;
    expect(stopped).toMatchObject({ code: 0, stdout: expect.stringMatching(/^stopped, pid \d+/) });
  });

  it("explains every command with examples, and suggests what was meant", async () => {
    const leaves = await walkHelp();
    expect(leaves.toSorted()).toEqual([...Object.keys({ ...looking, ...acting }), ...lasting].toSorted());
    const given = [["runtme"], ["stauts"], ["runtime", "strat"], ["runtime", "start", "--al"]];
    const meant = ["acp runtime", "acp status", "start", "--all"];
    for (const [index, ran] of (await many(given)).entries()) {
      expect([given[index], ran.code, ran.stdout]).toEqual([given[index], 64, ""]);
      expect(ran.stderr).toContain(`Did you mean ${meant[index]}?`);
    }
  });

  it("runs every command where nothing was ever set up: none fails in a way of its own, and looking makes nothing", async () => {
    for (const tried of [looking, acting]) {
      const commands = Object.entries(tried).map(([name, args]) => [...name.split(" "), ...args]);
      for (const [index, { code, stderr }] of (await many(commands)).entries()) {
        const said = `${commands[index]?.join(" ")}: ${code}\n${stderr}`;
        expect([0, 1, 2, 64, 66], said).toContain(code);
        expect(stderr, said).not.toMatch(/not expected|Cannot find|unknown option|\n +at /);
        if (code > 0) expect(stderr, said).toContain("error: ");
      }
      if (tried === looking) expect(existsSync(join(home, ".agent-runtime"))).toBe(false);
    }
    rmSync(join(home, ".agent-runtime"), { recursive: true });
  });

  it("does the main job: init, start, status, a pull request, stop", async () => {
    makeRepository(join(folder, "web"), { "README.md": "# web\n" });
    const worker = `printf '%s\\n' "it's for $ACP_ISSUE_NUMBER" > note.txt; echo done`;
    const init = [
      "init",
      "--profile-id",
      "web",
      "--repo-root",
      join(folder, "web"),
      "--forge",
      "local",
      "--shell-command",
      worker,
    ];
    expect(await npx("agent-control-plane", ...init)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Wrote profile web"),
    });
    const file = join(home, ".agent-runtime/control-plane/profiles/web/control-plane.yaml");
    const text = readFileSync(file, "utf8").replace(
      /^ {2}commands: .*$/m,
      `  commands: [{ name: note, command: "test -s note.txt" }]`,
    );
    writeFileSync(file, `${text}\nscheduler:\n  interval_seconds: 0.3\n`);
    // The tests beside this one may be all that this machine can bear.
    writeFileSync(join(home, ".agent-runtime/host.yaml"), "max_load_per_cpu: 0\n");

    expect(await npx("agent-control-plane", "runtime", "start")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^running, pid \d+: web\n$/),
    });
    expect(await acp("runtime", "start")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^already running, pid \d+: web\n$/),
    });
    expect((await acp("runtime", "status", "--check")).stdout).toMatch(/^web {2}ready, pid \d+\n/);
    expect((await acp("issue", "create", "--title", "A note", "--label", "agent-ready")).code).toBe(0);
    await until("the pull request", async () => /^#2 +open/m.test((await acp("pr", "list")).stdout));
    await until("it is announced", async () => (await acp("issue", "view", "1")).stdout.includes("Opened PR #2"));
    expect((await acp("pr", "diff", "2")).stdout).toContain("+it's for 1");
  }, 180_000);

  it("answers --json with one document, and reads without writing", async () => {
    await until("the last session is tidied away", async () =>
      (await acp("sessions", "list")).stdout.startsWith("no session"),
    );
    const session = JSON.parse((await acp("sessions", "list", "--all", "--json")).stdout).sessions[0].id;
    expect((await npx("agent-control-plane", "runtime", "stop")).stdout).toMatch(/^stopped, pid \d+\n$/);
    expect(await acp("runtime", "stop")).toMatchObject({ code: 0, stdout: "not running: web\n" });
    const runtimeHome = join(home, ".agent-runtime");
    const before = treeOf(runtimeHome);
    const shown = [
      ["sessions", "show", session],
      ["sessions", "logs", session],
      ["outbox", "show", "1"],
    ];
    const commands = [...readOnly, ...shown];
    const plain = await many(commands);
    expect(plain.map(({ code }, index) => [commands[index], code])).toEqual(commands.map((command) => [command, 0]));
    for (const [index, ran] of (await many(commands.map((command) => [...command, "--json"]))).entries()) {
      const command = commands[index] ?? [];
      expect([command, ran.code]).toEqual([command, 0]);
      const documents =
        command[0] === "events" || command[1] === "logs" ? ran.stdout.trimEnd().split("\n") : [ran.stdout];
      for (const document of documents) expect(() => JSON.parse(document), command.join(" ")).not.toThrow();
    }
    expect(treeOf(runtimeHome)).toEqual(before);
  }, 180_000);
}

/** What tsc says of a program in the app's folder, where it is left as program.js. */
function typesOf(program: string): string {
  writeFileSync(join(folder, "app", "program.ts"), program);
  writeFileSync(join(folder, "app", "program.js"), program);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const flags = "--noEmit --strict --module NodeNext --target ES2022 --lib ES2023,DOM".split(" ");
  return spawnSync(process.execPath, [tsc, ...flags, "program.ts"], { cwd: join(folder, "app"), encoding: "utf8" })
    .stdout;
}

/** They look, and never write; `why` and the forge's commands ask the forge and may start it. */
const readOnly = [
  ["runtime", "status"],
  ["runtime", "status", "--all"],
  ["profile", "list"],
  ["profile", "show"],
  ["profile", "validate"],
  ["sessions", "list", "--all"],
  ["events"],
  ["outbox", "list", "--all"],
  ["tasks", "list"],
  ["forge", "status"],
  ["quota", "list"],
  ["store", "check"],
  ["versions", "list"],
  ["versions", "prune", "--dry-run"],
] as const;

/** Through npx, as people do. */
export const npx = (...args: readonly string[]): Promise<Ran> => run("npx", ["--no-install", ...args]);
/** The same program without npx's half second. */
const acp = (...args: readonly string[]): Promise<Ran> => run(join(folder, "app/node_modules/.bin/acp"), args);

function run(program: string, args: readonly string[]): Promise<Ran> {
  return new Promise((done, reject) => {
    const child = spawn(program, args, { cwd: join(folder, "app"), env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.once("error", reject);
    child.once("close", (code) => done({ code: code ?? 1, stdout, stderr }));
  });
}

/** Of many commands that need no process of their own, what each one said. */
async function many(commands: readonly (readonly string[])[]): Promise<readonly Ran[]> {
  const cli = join(folder, "app/node_modules/agent-control-plane/dist/cli.js");
  const driver = join(import.meta.dirname, "fixtures/many-commands.mjs");
  const { code, stdout, stderr } = await run("node", [driver, cli, JSON.stringify(commands)]);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

/** Every command that has none under it; each one on the way is shown to explain itself. */
async function walkHelp(level: readonly (readonly string[])[] = [[]]): Promise<readonly string[]> {
  const explained = await many(level.map((path) => [...path, "--help"]));
  const leaves: string[] = [];
  const below: (readonly string[])[] = [];
  for (const [index, path] of level.entries()) {
    const { code, stdout = "", stderr } = explained[index] ?? {};
    expect([path, code, stderr]).toEqual([path, 0, ""]);
    expect(stdout).toMatch(/^Examples:\n {2}\$ \S/);
    for (const line of /^Examples:\n((?: {2}.*\n)+)/.exec(stdout)?.[1]?.trimEnd().split("\n") ?? [])
      expect(line).toMatch(/^ {2}\$ .*\b(acp|agent-control-plane@latest) ?/);
    expect(stdout).toContain(`Usage: ${["acp", ...path].join(" ")}`);
    const listed = /\nCommands:\n(.*)$/s.exec(stdout)?.[1] ?? "";
    const names = [...listed.matchAll(/^ {2}([a-z][a-z-]*)/gm)]
      .flatMap(([, name = "help"]) => name)
      .filter((name) => name !== "help");
    if (names.length === 0) leaves.push(path.join(" "));
    below.push(...names.map((name) => [...path, name]));
  }
  return below.length === 0 ? leaves : [...leaves, ...(await walkHelp(below))];
}

/** What this machine needs to reach a registry and to compile for its Node; nothing else of it. */
export function npmSettings(): NodeJS.ProcessEnv {
  const passed = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_(registry|cafile|nodedir)|NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)$/i.test(name),
  );
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, "include/node/node_version.h")) ? { npm_config_nodedir: prefix } : {};
  const registry = execFileSync("npm", ["config", "get", "registry"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
  return { npm_config_registry: registry, npm_config_loglevel: "error", ...headers, ...Object.fromEntries(passed) };
}
