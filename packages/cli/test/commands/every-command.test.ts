// What holds of every command there is, asked of commander's own tree: a new one is in here by itself.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore, storePath } from "@agent-control-plane/core";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { describe, expect, it } from "vitest";
import { leavesOf, pathOf } from "../../../../scripts/docs/cli-reference.ts";
import { programToRead } from "../../../../scripts/docs/pages.ts";
import { runHere } from "../support/in-process.ts";

type Leaf = ReturnType<typeof leavesOf>[number];

const tree = programToRead();
const leaves = leavesOf(tree);
const nameOf = (leaf: Leaf): string => pathOf(leaf).slice("acp ".length);
const takes = (leaf: Leaf, long: string): boolean => leaf.options.some((option) => option.long === long);

/** What stands for each argument and required option, by name; one that is not here fails the test that needs it. */
const values: Readonly<Record<string, string>> = {
  ...{ number: "1", item: "1", id: "1", session: "s1", scope: "s", name: "shell", shell: "bash" },
  ...{ file: "/nonexistent/file", path: "/nonexistent/path" },
  ...{ "--title": "a title", "--body": "a text", "--profile-id": "web" },
};

/** What a command needs besides: one of several options. */
const besides: Readonly<Record<string, readonly string[]>> = {
  "budget raise": ["--usd", "1"],
  "issue label": ["--add", "x"],
  "pr review": ["--approve"],
  "outbox drop": ["--reason", "r"],
  "profile remove": ["--yes"],
  remove: ["--yes"],
};

/** A whole line of this command, with JSON wherever there is any. */
function lineOf(leaf: Leaf): readonly string[] {
  const value = (name: string): string => {
    const found = values[name];
    if (found === undefined) throw new Error(`this test has no value for ${name} of ${pathOf(leaf)}`);
    return found;
  };
  return [
    ...nameOf(leaf).split(" "),
    ...leaf.registeredArguments.map((argument) => value(argument.name())),
    ...leaf.options.filter(({ mandatory }) => mandatory).flatMap(({ long }) => [long ?? "", value(long ?? "")]),
    ...(besides[nameOf(leaf)] ?? []),
    ...(takes(leaf, "--json") ? ["--json"] : []),
  ];
}

const nowhere = { HOME: "/nonexistent", AGENT_RUNTIME_HOME: "/nonexistent/home" };

async function wrongUsage(args: readonly string[], words: string | RegExp): Promise<void> {
  const { code, stdout, stderr } = await runHere(args, { env: nowhere });
  expect([args, code]).toEqual([args, 64]);
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/\n {4}at /);
  if (args.includes("--json")) {
    expect(JSON.parse(stdout), args.join(" ")).toEqual({ error: expect.stringMatching(words), exitCode: 64 });
  } else expect(stdout).toBe("");
}

describe("wrong usage is 64 and says what is wrong", () => {
  it.each(leaves.map((leaf) => [nameOf(leaf), leaf] as const))("acp %s", async (name, leaf) => {
    const line = lineOf(leaf);
    await wrongUsage([...line, "--no-such-option"], "unknown option '--no-such-option'");
    await wrongUsage([...line, "one", "more", "argument"], "too many arguments");
    for (const { required, name: argument } of leaf.registeredArguments.map((each) => ({
      required: each.required,
      name: each.name(),
    })))
      if (required) await wrongUsage(name.split(" "), `missing required argument '${argument}'`);
    for (const { mandatory, long } of leaf.options)
      if (mandatory && leaf.registeredArguments.length === 0)
        await wrongUsage(name.split(" "), new RegExp(`required option '.*${long}`));
    for (const { argChoices, long } of leaf.options)
      if (argChoices) await wrongUsage([...line, long ?? "", "nonsense"], "Allowed choices are");
    for (const { required, long } of leaf.options)
      if (required) await wrongUsage([...name.split(" "), long ?? ""], `argument missing`);
  });

  const groups = tree.commands.filter(({ commands }) => commands.length > 0);
  it.each(groups.map((group) => [group.name(), group] as const))("acp %s, a group", async (name, group) => {
    const [first] = group.commands;
    const typo = `${first?.name()}x`;
    await wrongUsage([name, typo, "--json"], /unknown (command|option)|too many arguments/);
    if (name !== "versions") await wrongUsage([name], `Usage: acp ${name}`);
    expect((await runHere([name, typo], { env: nowhere })).stderr).toMatch(/Did you mean|too many arguments/);
  });
});

/** A machine where only git is found: no service manager is asked, no editor opened. */
interface Machine {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

const good = [
  "id: web",
  "repo: { slug: octo/web }",
  "forge: { api_url: http://127.0.0.1:1/api/v3, git_url: http://127.0.0.1:1 }",
  "execution: { shell: { command: make fix } }",
  "",
].join("\n");

const git = execFileSync("/bin/sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();

function aMachine(profile?: string): Machine {
  const folder = temporaryFolder("acp-every-command-");
  const bin = join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(git, join(bin, "git"));
  const home = join(folder, "runtime");
  if (profile !== undefined) {
    mkdirSync(folderOf(home), { recursive: true });
    writeFileSync(join(folderOf(home), "control-plane.yaml"), profile);
    writeFileSync(join(folderOf(home), "secrets.env"), "GITHUB_TOKEN=ghp_ofNobody\n", { mode: 0o600 });
  }
  return { home, env: { HOME: folder, PATH: bin, AGENT_RUNTIME_HOME: home } };
}

const folderOf = (home: string): string => join(home, "control-plane/profiles/web");

/** They would start something, have nothing to do with a home, or are there to tell all of this themselves. */
const left = ["demo", "smoke", "forge run", "forge start", "completion", "doctor"];

/** Names of commands to the exit codes they have instead. */
type Others = Readonly<Record<string, number>>;
const all = (code: number, ...names: readonly string[]): Others =>
  Object.fromEntries(names.map((name) => [name, code]));

/** Needs no profile, or makes one. */
const free = {
  ...all(0, "runtime status", "runtime logs", "service status", "sessions list", "tasks list"),
  ...all(0, "outbox list", "quota list", "events", "store check", "profile list", "forge stop", "forge status"),
  ...all(0, "versions list", "versions prune", "version", "store prune", "store compact"),
  ...all(1, "sessions show", "sessions diff", "sessions logs", "sessions stop", "tasks cancel", "tasks replay"),
  ...all(1, "outbox show", "outbox retry", "outbox drop", "quota clear"),
  ...all(2, "setup", "sync"),
  ...all(64, "init", "launchd-install", "launchd-uninstall"),
  ...all(66, "profile import", "import-reference", "rollback"),
};

interface Situation {
  readonly make: () => Promise<Machine>;
  /** What every command says, and its exit code. */
  readonly code: number;
  readonly says: RegExp;
  readonly but: Others;
  readonly more?: readonly string[];
}

const situations: Readonly<Record<string, Situation>> = {
  "no profile at all": {
    make: async () => aMachine(),
    ...{ code: 66, says: /No profile is installed under .*acp init|Profile "web" is not installed/ },
    but: { ...free, "backends check": 1 },
  },
  "a profile whose YAML is broken": {
    make: async () => aMachine(`${good}queue: [unclosed\n`),
    ...{ code: 2, says: /control-plane\.yaml:\d+:\d+ Not valid YAML/ },
    but: { ...free },
  },
  "a profile with a key that there is not": {
    make: async () => aMachine(`${good}queu: {}\n`),
    ...{ code: 2, says: /control-plane\.yaml:5:1 queu: Unknown key "queu"\. Fix: did you mean "queue"/ },
    but: { ...free },
  },
  "a profile that cannot be read": {
    async make() {
      const machine = aMachine();
      mkdirSync(join(folderOf(machine.home), "control-plane.yaml"), { recursive: true });
      return machine;
    },
    ...{ code: 2, says: /Profile "web" cannot be read: EISDIR.*Check/ },
    but: { ...free },
  },
  "a store that is no database": {
    async make() {
      const machine = aMachine(good);
      mkdirSync(join(machine.home, "state"));
      writeFileSync(storePath(machine.home), "no database at all\n".repeat(500));
      return machine;
    },
    ...{ code: 2, says: /control-plane\.db is not an SQLite database; nothing was written to it\. Restore it/ },
    but: {},
  },
  "a store of a newer version": {
    async make() {
      const machine = aMachine(good);
      await (await openStore({ path: storePath(machine.home) })).close();
      newer(storePath(machine.home));
      return machine;
    },
    ...{ code: 2, says: /has schema version 9999; this program knows versions up to \d+\. Nothing was written to it/ },
    but: {},
  },
  "a home that is a file": {
    async make() {
      const machine = aMachine();
      writeFileSync(machine.home, "");
      return machine;
    },
    ...{ code: 2, says: /The runtime home .* is no folder\. Set AGENT_RUNTIME_HOME/ },
    but: {},
  },
};

function newer(file: string): void {
  const program = `const D = require("better-sqlite3"); const d = new D(process.argv[1]); d.pragma("journal_mode = delete"); d.exec("insert into migrations (number, name, applied_at) values (9999, 'later', 0)"); d.close()`;
  execFileSync(process.execPath, ["-e", program, file], { cwd: join(import.meta.dirname, "../../../core") });
}

describe.each(Object.entries(situations))("with %s", (_, { make, code, says, but, more = [] }) => {
  it("every command that needs it says so, and none fails in a way that was not expected", async () => {
    const machine = await make();
    const wrong: unknown[] = [];
    for (const leaf of leaves.filter((each) => !left.includes(nameOf(each)))) {
      const name = nameOf(leaf);
      const { code: got, stdout, stderr } = await runHere([...lineOf(leaf), ...more], { env: machine.env });
      const expected = but[name] ?? code;
      if (got !== expected) wrong.push(`${name}: ${got} and not ${expected}: ${stderr.slice(0, 100)}`);
      if (/\n {4}at |not expected/.test(stderr)) wrong.push(`${name}: ${stderr}`);
      if (but[name] === undefined && !says.test(stderr + stdout)) wrong.push(`${name}: ${stderr.slice(0, 200)}`);
      if (takes(leaf, "--json") && !isDocument(stdout, got)) wrong.push(`${name}: ${got} ${stdout.slice(0, 100)}`);
    }
    expect(wrong.join("\n")).toBe("");
  });
});

/** One document, or lines of them; of a failure at least the reason. */
function isDocument(stdout: string, code: number): boolean {
  try {
    JSON.parse(stdout);
    return true;
  } catch {
    return stdout === "" && code === 0;
  }
}
