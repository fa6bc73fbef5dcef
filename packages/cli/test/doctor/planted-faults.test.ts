import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { loadProfile, type OpenStore, openStore, parsePlan, storePath, writeSecret } from "@agent-control-plane/core";
import { credentialKey } from "@agent-control-plane/reconcile";
import { createProfileWorktrees, processMark } from "@agent-control-plane/runners";
import { backends } from "@agent-control-plane/runners/backends";
import { ManualClock } from "@agent-control-plane/testkit";
import type BetterSqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { undocumented, unseen } from "../../../../test/docs/json-page.ts";
import type { Diagnosis } from "../../src/doctor/doctor.ts";
import { findingCodes } from "../../src/doctor/finding.ts";
import { silentLog } from "../../src/runtime/silent-log.ts";
import { aMachine } from "../services/a-machine.ts";
import { runHere } from "../support/in-process.ts";
import { configure, type Home, type Installation, installation } from "./installation.ts";
import { stampsOf } from "./stamps.ts";

// The store's own, to spoil files with: this package does not know SQLite.
const Database = createRequire(new URL("../../../core/package.json", import.meta.url))(
  "better-sqlite3",
) as typeof BetterSqlite;

let installed: Installation;
let oddForge: Server;
const children: ChildProcess[] = [];
beforeAll(async () => {
  installed = await installation();
  oddForge = createServer(answerOddly);
  await new Promise<void>((ready) => oddForge.listen(0, "127.0.0.1", ready));
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  oddForge.closeAllConnections();
  await new Promise((closed) => oddForge.close(closed));
  await installed.close();
});

type Finding = Diagnosis["findings"][number];
const told: Finding[] = [];

/** Each finding names what it is about, what was found and what to do; a safe one is one that --fix knows. */
function expectFinding(
  { said, code }: { readonly said: Diagnosis; readonly code: number },
  wanted: Partial<Finding>,
): void {
  told.push(...said.findings);
  const found = said.findings.find(
    (one) =>
      one.code === wanted.code &&
      (wanted.subject === undefined || one.subject === wanted.subject) &&
      (wanted.profileId === undefined || one.profileId === wanted.profileId),
  );
  expect(
    found,
    JSON.stringify(
      said.findings.filter(({ level }) => level !== "ok"),
      null,
      1,
    ),
  ).toMatchObject({ safe: false, level: "problem", ...wanted });
  expect(found?.fix.length).toBeGreaterThan(5);
  expect(found?.found.length).toBeGreaterThan(5);
  if (found?.level === "problem") expect({ code, ok: said.ok }).toEqual({ code: 1, ok: false });
}

describe("what a crash, a kill or a careless hand leaves on disk and in the store", () => {
  let home: Home;
  let first: Awaited<ReturnType<Home["doctor"]>>;
  let dry: Awaited<ReturnType<Home["doctor"]>>;
  let fixed: Awaited<ReturnType<Home["doctor"]>>;
  let stamps: readonly object[];
  const at = (...parts: string[]) => join(home.path, ...parts);
  const project = (...parts: string[]) => at("projects", "web", ...parts);

  beforeAll(async () => {
    home = installed.home({ loose: {} });
    const { store, close } = await storeOf(home);
    const gone = { pid: 4_000_000, startedMark: "long ago" };
    // A worktree with unsaved work whose session the store does not know, one whose session is over, and half of one.
    const worktrees = createProfileWorktrees({
      profile: loadProfile(home.path, "web", home.env, backends),
      remote: { url: `${installed.forge.gitUrl}/ann/web.git`, token: installed.token },
      defaultBranch: async () => "main",
      log: silentLog,
    });
    const { sha } = await worktrees.fetchBase();
    await worktrees.create({ sessionId: "s90-0a0a0a0a", branch: "agent/x", sha });
    writeFileSync(project("worktrees", "s90-0a0a0a0a", "unsaved.txt"), "work");
    mkdirSync(project("worktrees", ".making", "s91-0b0b0b0b-x1y2"), { recursive: true });
    mkdirSync(project("worktrees", "somebodys"));
    // Run folders: one that no row knows, and one of a session that was lost with a process of it alive.
    mkdirSync(project("runs", "s92-0c0c0c0c"), { recursive: true });
    writeFileSync(project("runs", "s92-0c0c0c0c", "spec.json"), "{}");
    // A session at work that a store from before does not know: this very process plays its wrapper.
    await worktrees.create({ sessionId: "s93-0e0e0e0e", branch: "agent/y", sha });
    mkdirSync(project("runs", "s93-0e0e0e0e"), { recursive: true });
    writeFileSync(project("runs", "s93-0e0e0e0e", "spec.json"), "{}");
    writeFileSync(project("runs", "s93-0e0e0e0e", "wrapper.json"), JSON.stringify(processMark(process.pid)));
    await lostSession(store, {
      id: "s1-0d0d0d0d",
      runDir: project("runs", "s1-0d0d0d0d"),
      worktreePath: project("worktrees", "none"),
      wrapper: gone,
    });
    children.push(
      spawn("sleep", ["600"], { stdio: "ignore", env: { PATH: process.env.PATH, ACP_SESSION_ID: "s1-0d0d0d0d" } }),
    );
    await staleTask(store, home);
    await store.runtimes.put({ ...daemon("r-dead"), process: gone });
    await deadLetter(store);
    await store.pauses.set({ scope: "loose", actor: "ann", reason: "holidays" });
    await close();
    writeFileSync(project("anchor.git", "packed-refs.lock"), "");
    const hourAgo = new Date(Date.now() - 3_600_000);
    utimesSync(project("anchor.git", "packed-refs.lock"), hourAgo, hourAgo);
    // Profiles: writes that broke off, open files.
    const profiles = at("control-plane", "profiles");
    cpSync(home.profileFolder("web"), join(profiles, ".aside.old-4000000-ab"), { recursive: true });
    mkdirSync(join(profiles, ".web.new-4000000-cd"));
    writeFileSync(join(profiles, "web", ".secrets.env.4000000-ef"), "GITHUB_TOKEN=x\n");
    writeFileSync(join(profiles, "web", ".control-plane.yaml.new-4000000-0a"), "id: web\n");
    chmodSync(join(profiles, "loose", "secrets.env"), 0o644);
    configure(join(profiles, "loose"), { "repo.root": "/nowhere/at/all", "verification.commands": [] });
    chmodSync(storePath(home.path), 0o644);
    mkdirSync(at("runtime-home"));
    symlinkSync("versions/9.9.9", at("runtime-home", "current"));
    chmodSync(home.path, 0o755);
    const before = stampsOf(home.path);
    first = await home.doctor();
    dry = await home.doctor("--fix", "--dry-run");
    stamps = [before, stampsOf(home.path)];
    fixed = await home.doctor("--fix");
  }, 120_000);

  const safe: [code: string, subject: () => string, level: Finding["level"]][] = [
    ["permissions-open", () => home.path, "problem"],
    ["permissions-open", () => storePath(home.path), "problem"],
    ["secrets-open", () => at("control-plane", "profiles", "loose", "secrets.env"), "problem"],
    ["half-written", () => at("control-plane", "profiles", ".web.new-4000000-cd"), "note"],
    ["half-written", () => at("control-plane", "profiles", "web", ".secrets.env.4000000-ef"), "note"],
    ["half-written", () => at("control-plane", "profiles", "web", ".control-plane.yaml.new-4000000-0a"), "note"],
    ["profile-put-aside", () => at("control-plane", "profiles", ".aside.old-4000000-ab"), "problem"],
    ["daemon-dead", () => "r-dead", "problem"],
    ["lease-stale", () => "2", "problem"],
    ["orphan-process", () => "s1-0d0d0d0d", "problem"],
    ["orphan-worktree", () => project("worktrees", "s90-0a0a0a0a"), "problem"],
    ["orphan-worktree", () => project("worktrees", ".making", "s91-0b0b0b0b-x1y2"), "problem"],
    ["orphan-run-folder", () => project("runs", "s92-0c0c0c0c"), "problem"],
    ["stale-git-lock", () => project("anchor.git", "packed-refs.lock"), "problem"],
  ];

  it.each(safe)("%s (%#) is found, --dry-run says it would be put right, and --fix does", (code, subjectOf, level) => {
    const subject = subjectOf();
    expectFinding(first, { code, subject, safe: true, level });
    expect(dry.said.fixes).toContainEqual(expect.objectContaining({ code, subject, result: "would-fix" }));
    expect(fixed.said.fixes.filter((fix) => fix.code === code && fix.subject === subject)).toEqual([
      { code, subject, result: "fixed", detail: expect.any(String) },
    ]);
    expect(fixed.said.findings.filter((finding) => finding.code === code && finding.subject === subject)).toEqual([]);
  });

  const others: [code: string, subject: () => string, level: Finding["level"]][] = [
    ["session-lost", () => "s1-0d0d0d0d", "problem"],
    ["session-unknown", () => "s93-0e0e0e0e", "problem"],
    ["dead-letter", () => "web", "problem"],
    ["version-link-broken", () => at("runtime-home", "current"), "problem"],
    ["paused", () => "loose", "note"],
    ["checkout-missing", () => "/nowhere/at/all", "note"],
    ["verification-missing", () => join(home.profileFolder("loose"), "control-plane.yaml"), "note"],
    ["foreign-folder", () => project("worktrees", "somebodys"), "note"],
  ];

  it.each(others)("%s is found and left to a person", (code, subjectOf, level) => {
    const subject = subjectOf();
    expectFinding(first, { code, subject, level });
    expectFinding(fixed, { code, subject, level });
    if (level !== "note")
      expect(fixed.said.fixes).toContainEqual(expect.objectContaining({ code, subject, result: "not-safe" }));
  });

  it("nothing is written before --fix, by --dry-run neither", () => {
    expect(stamps[1]).toEqual(stamps[0]);
  });

  it("--fix throws no work away and touches nothing of others", () => {
    const detail = fixed.said.fixes.find(({ subject }) => subject.endsWith("s90-0a0a0a0a"))?.detail ?? "";
    expect(detail).toContain("refs/acp/rescue/s90-0a0a0a0a");
    expect(readFileSync(project("anchor.git", "refs", "acp", "rescue", "s90-0a0a0a0a"), "utf8")).toMatch(
      /^[0-9a-f]{40}/,
    );
    expect(existsSync(project("worktrees", "somebodys"))).toBe(true);
    for (const root of ["worktrees", "runs"]) expect(existsSync(project(root, "s93-0e0e0e0e")), root).toBe(true);
    expect(existsSync(project("runs", "history", "s92-0c0c0c0c", "spec.json"))).toBe(true);
    expect(statSync(home.profileFolder("aside")).isDirectory()).toBe(true);
  });
});

describe("a forge that does not let us work, profile by profile", () => {
  let found: Awaited<ReturnType<Home["doctor"]>>;
  const odd = (slug: string) => {
    const { port } = oddForge.address() as AddressInfo;
    return {
      "repo.slug": `odd/${slug}`,
      "forge.api_url": `http://127.0.0.1:${port}/api/v3`,
      "forge.git_url": `http://127.0.0.1:${port}`,
    };
  };

  beforeAll(async () => {
    const { forge } = installed;
    forge.createUser({ login: "bob" });
    forge.setPermission("ann/web", "bob", "read");
    await forge.createRepository({ owner: "ann", name: "empty" });
    await forge.createRepository({ owner: "ann", name: "quiet", hasIssues: false });
    const home = installed.home({
      none: {},
      bad: {},
      down: { "forge.api_url": "http://127.0.0.1:9/api/v3" },
      gone: { "repo.slug": "ann/nothing" },
      reader: {},
      cool: {},
      empty: { "repo.slug": "ann/empty" },
      quiet: { "repo.slug": "ann/quiet" },
      spent: odd("spent"),
      low: odd("low"),
      skewed: odd("skewed"),
      archived: odd("archived"),
      gitless: odd("gitless"),
      proxied: odd("proxied"),
      mute: { ...odd("mute"), "forge.request_timeout_seconds": 1 },
      broken: { "queue.nonsense": 1 },
      twin: { "runtime.orchestrator_agent_root": join("/tmp", "acp-twin") },
      twin2: { "runtime.orchestrator_agent_root": join("/tmp", "acp-twin", "inside") },
      garbled: {},
      "no-program": { "execution.coding_worker": "codex", "execution.codex.file": "/nowhere/codex" },
      "no-key": { "execution.coding_worker": "claude", "execution.claude.file": fakeClaude("2.1.329") },
      untested: {
        "execution.coding_worker": "claude",
        "execution.claude.file": fakeClaude("0.0.1"),
        "execution.env.pass": ["ANTHROPIC_API_KEY"],
      },
      "no-model": {
        "execution.coding_worker": "opencode",
        "execution.opencode": { file: fakeOpencode(), model: "vendor/misspelt", api_key_env: "ANTHROPIC_API_KEY" },
        "execution.env.pass": ["ANTHROPIC_API_KEY"],
      },
      "local-off": { "forge.provider": "local", "forge.api_url": null, "forge.git_url": null },
    });
    writeFileSync(join(home.profileFolder("none"), "secrets.env"), "# none\n");
    writeFileSync(join(home.profileFolder("garbled"), "secrets.env"), "this is no secret\n");
    writeSecret(home.path, "bad", "GITHUB_TOKEN", "ghp_thisIsNotATokenOfAnybody000000000000");
    writeSecret(home.path, "reader", "GITHUB_TOKEN", forge.createToken({ login: "bob" }));
    const cool = forge.createToken({ login: "ann" });
    writeSecret(home.path, "cool", "GITHUB_TOKEN", cool);
    writeFileSync(join(home.path, "host.yaml"), "max_workers: no\n");
    const { store, close } = await storeOf(home);
    await store.cooldowns.set(
      { scope: `forge:${credentialKey(cool)}`, until: Date.now() + 600_000, reason: "limit" },
      "test",
    );
    await close();
    home.env.ANTHROPIC_API_KEY = "sk-ant-not-a-key-at-all-0000000000";
    found = await home.doctor();
  }, 120_000);

  const cases: [code: string, profileId: string | null, level: Finding["level"]][] = [
    ["forge-token-missing", "none", "problem"],
    ["forge-token-refused", "bad", "problem"],
    ["forge-unreachable", "down", "problem"],
    ["forge-unreachable", "proxied", "problem"],
    ["forge-unreachable", "mute", "problem"],
    ["repository-missing", "gone", "problem"],
    ["push-not-allowed", "reader", "problem"],
    ["branch-missing", "empty", "problem"],
    ["issues-disabled", "quiet", "problem"],
    ["label-missing", "quiet", "note"],
    ["forge-cooldown", "cool", "note"],
    ["rate-low", "spent", "problem"],
    ["rate-low", "low", "note"],
    ["clock-skew", "skewed", "problem"],
    ["repository-archived", "archived", "problem"],
    ["remote-unreachable", "gitless", "problem"],
    ["local-forge-stopped", "local-off", "note"],
    ["profile-invalid", "broken", "problem"],
    ["profile-overlap", "twin", "problem"],
    ["host-config-invalid", null, "problem"],
    ["secrets-unreadable", "garbled", "problem"],
    ["backend-program", "no-program", "problem"],
    ["backend-login", "no-key", "problem"],
    ["backend-untested", "untested", "note"],
    ["backend-setting", "no-model", "problem"],
  ];

  it.each(cases)("%s is found for %s", (code, profileId, level) => {
    expectFinding(found, { code, profileId, level });
  });

  it("secrets that cannot be read are one fault, and not a missing token, too", () => {
    const own = found.said.findings.filter((one) => one.profileId === "garbled" && one.level === "problem");
    expect(own.map(({ code }) => code)).toEqual(["secrets-unreadable"]);
  });

  it("the healthy profile among them is well", () => {
    expect(found.said.findings.filter((one) => one.profileId === "web" && one.level === "problem")).toEqual([]);
    expect(found.said.findings).toContainEqual(
      expect.objectContaining({ level: "ok", found: expect.stringContaining("ann/web: reachable") }),
    );
  });
});

describe("a store that cannot be used", () => {
  const withDatabase = (file: string, change: (database: BetterSqlite.Database) => void) => {
    const database = new Database(file);
    change(database);
    database.close();
  };
  const spoil: Readonly<Record<string, (file: string) => void>> = {
    "store-damaged": (file) => writeFileSync(file, readFileSync(file).fill(0x5a, 4096, 60_000)),
    "store-newer": (file) =>
      withDatabase(file, (database) => database.exec("insert into migrations values (99, 'future', 0)")),
    "store-older": (file) =>
      withDatabase(file, (database) =>
        database.exec("delete from migrations where number = (select max(number) from migrations)"),
      ),
    "store-inconsistent": (file) =>
      withDatabase(file, (database) => database.exec("update tasks set priority = priority + 1")),
    "store-unreadable": (file) => {
      renameSync(file, `${file}.away`);
      withDatabase(file, (database) => database.exec("create table customers (id integer)"));
    },
  };

  it.each(Object.keys(spoil))("%s is found, and the store is left as it is, by --fix, too", async (code) => {
    const home = installed.home();
    const { store, close } = await storeOf(home);
    await store.tasks.enqueue({ queue: "web", subject: "issue:1" }, "test");
    await close();
    const file = storePath(home.path);
    spoil[code]?.(file);
    const before = readFileSync(file);
    expectFinding(await home.doctor("--fix"), { code, subject: file });
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

it("a daemon that is silent, of another version or without the newest rules is found, and so is a disk that is nearly full", async () => {
  const home = installed.home();
  const { store, close } = await storeOf(home);
  const own = processMark(process.pid);
  if (!own) throw new Error("no mark");
  const rules = { state: "last-good", problems: ["line 3: no"], since: Date.now() };
  await store.runtimes.put({
    ...daemon("r-1"),
    process: own,
    version: "0.0.9",
    heartbeatAt: Date.now() - 600_000,
    lastTick: { web: { rules } },
  });
  await close();
  writeFileSync(join(home.path, "host.yaml"), "min_free_disk_mb: 900000000\n");
  const found = await home.doctor("--fix");
  for (const code of ["daemon-silent", "daemon-version", "daemon-rules", "disk-low"]) expectFinding(found, { code });
});

describe("what services start", () => {
  it("another version, one that does not run, and a service that is not as it should be are found; the named commands heal the service", async () => {
    const machine = aMachine();
    const doctor = async () => {
      const { code, stdout, stderr } = await machine.acp("doctor", "--json");
      if (stdout === "") throw new Error(stderr);
      return { code, said: JSON.parse(stdout) as Diagnosis };
    };
    await machine.acp("service", "install", "--profile-id", "web");
    const own = { subject: "agent-control-plane-web.service", profileId: "web" };
    expectFinding(await doctor(), { ...own, code: "service-not-lingering", level: "note" });
    machine.loses("enabled");
    const found = await doctor();
    const command = "acp service install --profile-id web";
    expectFinding(found, { ...own, code: "service-broken", command });
    expect((await machine.acp(...command.split(" ").slice(1))).code).toBe(0);
    expect((await doctor()).said.findings.filter(({ code }) => code === "service-broken")).toEqual([]);

    const { current } = machine.installs("0.0.9");
    expectFinding(await doctor(), { code: "version-differs", subject: current, level: "note", command: "acp sync" });
    rmSync(machine.cli);
    expectFinding(await doctor(), { code: "version-broken", subject: current, command: "acp sync" });
  });
});

describe("programs on PATH", () => {
  it.each([
    ["git-missing", null],
    ["git-too-old", "echo git version 2.20.1"],
    ["git-feature-missing", 'case "$1" in --version) echo git version 2.45.0;; *) echo fatal: no >&2; exit 1;; esac'],
  ])("%s is found", async (code, script) => {
    const home = installed.home();
    const folder = join(home.path, "bin");
    mkdirSync(folder);
    if (script !== null) writeFileSync(join(folder, "git"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    home.env.PATH = folder;
    expectFinding(await home.doctor(), { code, subject: "git" });
  });
});

it("a flow that nobody works, whose mailbox is gone, and whose worker there is none", async () => {
  const home = installed.home();
  const { store, close } = await storeOf(home);
  const parsed = await parsePlan("tasks: [{ id: a, worker: nobody, prompt: x }]", { file: "p.yaml", cwd: "/" });
  if ("problems" in parsed) throw new Error("bad plan");
  const folder = join(home.path, "flows", "f1abcdef");
  await store.flows.submit(parsed.plan, { id: "f1abcdef", folder, submittedBy: "ann" });
  await close();
  const seen = await home.doctor();
  expectFinding(seen, { code: "flow-unworked", subject: "f1abcdef", command: "acp flow work --until-idle 60" });
  expectFinding(seen, { code: "flow-mailbox", subject: "f1abcdef", found: expect.stringContaining("is not there") });
  expectFinding(seen, { code: "flow-worker", subject: "f1abcdef", level: "note" });
  mkdirSync(folder, { recursive: true });
  const runtime = await storeOf(home);
  const mark = processMark(process.pid);
  if (!mark) throw new Error("no mark");
  await runtime.store.runtimes.put({ ...daemon("r-live"), process: mark });
  await runtime.close();
  const codes = (await home.doctor()).said.findings.map(({ code }) => code);
  expect(codes.filter((code) => code.startsWith("flow-"))).toEqual(["flow-worker"]);
});

it("channels by which nobody can be told, and one that did not take the last message", async () => {
  const home = installed.home();
  const command = "command: { run: [no-such-pager] }";
  const webhook = 'webhook: { url: "https://hooks.example/t/key", secret: "env:HOOK_SECRET" }';
  writeFileSync(join(home.path, "host.yaml"), `notifications: { desktop: true, ${command}, ${webhook} }\n`);
  const { store, close } = await storeOf(home);
  const trouble = { key: "k", kind: "quota", code: "c", profileId: null, subject: "s", text: "t", act: "a" } as const;
  await store.notifications.seen([{ ...trouble, title: null, url: null, since: null, settleMs: 0 }], 1);
  const channel = "host/command";
  const message = { delivery: "n1", at: "", host: "h", isTest: false, title: "", text: "", total: 1, counts: {} };
  await store.notifications.plan({
    ...{ channel, profileId: null, kinds: ["quota"], groupMs: 0, most: 1 },
    write: () => ({ ...message, troubles: [] }),
  });
  const claimed = await store.notifications.claim({ owner: "r", claimMs: 1_000, channels: [channel] });
  await store.notifications.failed(claimed?.id ?? 0, "r", "exit 7");
  await close();
  const seen = await home.doctor();
  for (const subject of ["host/desktop", "host/command", "host/webhook"])
    expectFinding(seen, { code: "notify-channel", subject, command: `acp notify test --channel ${subject}` });
  const found = expect.stringContaining("was given up after 1 tries: exit 7");
  expectFinding(seen, { code: "notify-failed", subject: channel, level: "note", found });
  expect(JSON.stringify(seen)).not.toContain("/t/key");
  home.env.HOOK_SECRET = "hush-hush-hush";
  const again = await home.doctor();
  expect(
    again.said.findings.filter(({ code, subject }) => code === "notify-channel" && subject === "host/webhook"),
  ).toEqual([]);
});

it("each command that a fix names is one of this program, with flags that it knows; each code has been found but those of judging.test.ts", async () => {
  const env = { PATH: process.env.PATH, HOME: installed.folder };
  const commands = new Set(told.flatMap(({ command }) => (command?.startsWith("acp ") ? [command] : [])));
  expect(commands.size).toBeGreaterThan(10);
  for (const command of commands) {
    const words = command.split(" ").slice(1);
    const until = words.findIndex((word) => word.startsWith("-"));
    const names = (until < 0 ? words : words.slice(0, until)).slice(0, 2);
    const help = await runHere([...names, "--help"], { env });
    expect({ command, code: help.code }, help.stderr).toEqual({ command, code: 0 });
    expect(help.stdout, command).toContain(`Usage: acp ${names[0]}`);
    for (const flag of words.filter((word) => word.startsWith("--"))) expect(help.stdout, command).toContain(flag);
  }
  const elsewhere = [
    "check-failed",
    "check-timed-out",
    "node-too-old",
    "nothing-installed",
    "home-not-writable",
    "backend-model",
    "task-dead",
    "inodes-low",
  ];
  const found = new Set(told.map(({ code }) => code));
  expect(findingCodes.filter((code) => !found.has(code))).toEqual(elsewhere);
});

it("the JSON is what docs/json-output.md says, with fixes and without", async () => {
  const page = readFileSync(new URL("../../../../docs/json-output.md", import.meta.url), "utf8");
  const home = installed.home();
  chmodSync(home.path, 0o755);
  const { code, said } = await home.doctor("--fix");
  expect({ code, ok: said.ok, fixes: said.fixes.map(({ result }) => result) }).toEqual({
    code: 0,
    ok: true,
    fixes: ["fixed"],
  });
  expect(undocumented(page, "acp doctor", said)).toEqual([]);
  expect(unseen(page, "acp doctor", said)).toEqual([]);
});

async function storeOf(
  home: Home,
  clock?: ManualClock,
): Promise<{ readonly store: OpenStore; close(): Promise<void> }> {
  const store = await openStore({ path: storePath(home.path), ...(clock ? { clock } : {}) });
  return { store, close: () => store.close() };
}

const daemon = (id: string) => ({
  ...{
    id,
    host: hostname(),
    version: "0.1.0",
    profileIds: ["web"],
    startedAt: 0,
    heartbeatAt: Date.now(),
    state: "ready" as const,
    lastTick: {},
  },
});

async function lostSession(
  store: OpenStore,
  of: { id: string; runDir: string; worktreePath: string; wrapper: { pid: number; startedMark: string } },
) {
  await store.tasks.enqueue({ queue: "web", subject: "issue:1" }, "test");
  const claim = await store.tasks.claim({ queues: ["web"], owner: "r-dead", leaseMs: 60_000 });
  if (!claim) throw new Error("nothing to claim");
  const { id, wrapper, ...folders } = of;
  mkdirSync(of.runDir, { recursive: true });
  const lease = { taskId: claim.task.id, term: claim.lease.term };
  await store.sessions.intend(lease, {
    ...folders,
    id,
    profileId: "web",
    attempt: 1,
    kind: "agent",
    subject: "issue:1",
    lane: "issue",
    backend: "shell",
    branch: "b",
    startSha: "0".repeat(40),
  });
  await store.sessions.start(id, lease.term, wrapper);
}

/** Claimed an hour ago by somebody who never came back. */
async function staleTask(store: OpenStore, home: Home) {
  const { task } = await store.tasks.enqueue({ queue: "web", subject: "issue:2" }, "test");
  const past = new ManualClock(Date.now() - 3_600_000);
  const old = await storeOf(home, past);
  await old.store.tasks.claim({ queues: ["web"], taskId: task.id, owner: "r-dead", leaseMs: 1_000 });
  await old.close();
}

async function deadLetter(store: OpenStore) {
  await store.outbox.enqueue(
    [{ profileId: "web", kind: "comment", stream: "web/issue:3", idempotencyKey: "k", body: { number: 3, body: "b" } }],
    "test",
  );
  const row = await store.outbox.claim({ owner: "d", claimMs: 60_000, profileIds: ["web"] });
  await store.outbox.failed(row?.id ?? 0, "d", "403: no");
}

/** A program that answers like the agent's, and has no login. */
function fakeClaude(version: string): string {
  const file = join(installed.folder, `claude-${version}`);
  writeFileSync(
    file,
    `#!/bin/sh\n[ "$1" = --version ] && { echo "${version} (Claude Code)"; exit 0; }\necho '{"loggedIn": false}'; exit 1\n`,
    { mode: 0o755 },
  );
  return file;
}

function fakeOpencode(): string {
  const file = join(installed.folder, "opencode");
  const answers = 'case "$1" in --version) echo 1.0.0;; models) echo vendor/known;; esac';
  writeFileSync(file, `#!/bin/sh\n${answers}\n`, { mode: 0o755 });
  return file;
}

const answerOddly: Parameters<typeof createServer>[1] = (request, response) => {
  const url = request.url ?? "";
  const [, slug = ""] = /odd\/(\w+)/.exec(url) ?? [];
  const rate = {
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": slug === "spent" ? "0" : slug === "low" ? "12" : "4990",
    "x-ratelimit-reset": String(Math.ceil(Date.now() / 1000) + 900),
  };
  const date = new Date(Date.now() - (slug === "skewed" ? 400_000 : 0)).toUTCString();
  if (slug === "mute") return;
  if (url.includes("info/refs")) response.writeHead(slug === "gitless" ? 502 : 200).end();
  else if (slug === "spent") response.writeHead(403, { ...rate, date }).end("{}");
  else if (slug === "proxied") response.writeHead(200, { "content-type": "text/html" }).end("<html>Please log in");
  else
    response.writeHead(200, { ...rate, date, "content-type": "application/json" }).end(
      JSON.stringify({
        default_branch: "main",
        has_issues: true,
        archived: slug === "archived",
        permissions: { push: true },
      }),
    );
};
