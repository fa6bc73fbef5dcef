// Every command there is where its home, a profile or the store is not as it should be: what it says, its exit code, its document.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore, storePath } from "@agent-control-plane/core";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { describe, expect, it } from "vitest";
import { leaves, lineOf, nameOf, takes } from "../support/every-command.ts";
import { runHere } from "../support/in-process.ts";

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
const left = ["demo", "smoke", "forge run", "forge start", "flow work", "dashboard", "completion", "doctor"];

/** Names of commands to the exit codes they have instead. */
type Others = Readonly<Record<string, number>>;
const all = (code: number, ...names: readonly string[]): Others =>
  Object.fromEntries(names.map((name) => [name, code]));

/** Needs no profile, or makes one. */
const free = {
  ...all(0, "runtime status", "runtime logs", "service status", "sessions list", "tasks list"),
  ...all(0, "outbox list", "quota list", "events", "store check", "profile list", "forge stop", "forge status"),
  ...all(0, "versions list", "versions prune", "version", "store prune", "store compact", "status", "notify list"),
  ...all(1, "notify test"),
  ...all(1, "sessions show", "sessions diff", "sessions logs", "sessions stop", "tasks cancel", "tasks replay"),
  ...all(1, "outbox show", "outbox retry", "outbox drop", "quota clear"),
  ...all(2, "setup", "sync"),
  ...all(64, "init", "launchd-install", "launchd-uninstall"),
  ...all(66, "profile import", "import-reference", "rollback", "dashboard-login"),
  ...all(0, "flow list"),
  ...all(66, "flow run", "flow status", "flow wait", "flow watch", "flow logs", "flow result", "flow export"),
  ...all(66, "flow add", "flow update", "flow pause", "flow resume", "flow cancel", "flow retry", "flow decide"),
};

/** Has to work with a profile that is broken, or shows what is wrong in its document. */
const sturdy = {
  ...free,
  ...all(0, "runtime stop", "runtime pause", "runtime resume", "service uninstall"),
  ...all(0, "profile export", "profile remove", "remove"),
  ...all(1, "profile-smoke", "runtime refresh"),
  ...all(2, "profile edit"),
};

/** Does without the store. */
const storeless = {
  ...all(0, "runtime logs", "service status", "service uninstall", "profile list", "profile show", "profile validate"),
  ...all(0, "profile export", "profile-smoke", "backends check", "forge stop", "forge status"),
  ...all(0, "versions list", "versions prune", "version"),
  ...all(1, "service install", "notify test"),
  ...all(2, "setup", "sync", "profile edit"),
  ...all(64, "init", "launchd-install", "launchd-uninstall"),
  ...all(66, "dashboard-login", "profile import", "import-reference", "flow run", "flow add", "flow update"),
};

interface Situation {
  readonly make: () => Promise<Machine>;
  /** What every command says, and its exit code. */
  readonly code: number;
  readonly says: RegExp;
  readonly but: Others;
}

const situations: Readonly<Record<string, Situation>> = {
  "no profile at all": {
    make: async () => aMachine(),
    ...{ code: 66, says: /No profile is installed under .*acp init|Profile "web" is not installed/ },
    but: { ...free, "backends check": 1 },
  },
  "a profile whose YAML is broken": {
    make: async () => aMachine(`${good}queue: [unclosed\n`),
    ...{ code: 2, says: /control-plane\.yaml:\d+:\d+ Not valid YAML|"message": "Not valid YAML/ },
    but: sturdy,
  },
  "a profile with a key that there is not": {
    make: async () => aMachine(`${good}queu: {}\n`),
    ...{
      code: 2,
      says: /control-plane\.yaml:5:1 queu: Unknown key "queu"\. Fix: did you mean "queue"|"message": "Unknown key/,
    },
    but: sturdy,
  },
  "a profile that cannot be read": {
    async make() {
      const machine = aMachine();
      mkdirSync(join(folderOf(machine.home), "control-plane.yaml"), { recursive: true });
      return machine;
    },
    ...{
      code: 2,
      says: /control-plane\.yaml The file cannot be read: EISDIR.*Fix: check|"message": "The file cannot be read/,
    },
    but: { ...sturdy, "profile export": 2 },
  },
  "a store that is no database": {
    async make() {
      const machine = aMachine(good);
      mkdirSync(join(machine.home, "state"));
      writeFileSync(storePath(machine.home), "no database at all\n".repeat(500));
      return machine;
    },
    ...{ code: 2, says: /control-plane\.db is not an SQLite database; nothing was written to it\. Restore it/ },
    but: storeless,
  },
  "a store of a newer version": {
    async make() {
      const machine = aMachine(good);
      await (await openStore({ path: storePath(machine.home) })).close();
      newer(storePath(machine.home));
      return machine;
    },
    ...{ code: 2, says: /has schema version 9999; this program knows versions up to \d+\. Nothing was written to it/ },
    but: { ...storeless, rollback: 66 },
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

describe.each(Object.entries(situations))("with %s", (_, { make, code, says, but }) => {
  it("every command that needs it says so, and none fails in a way that was not expected", async () => {
    const machine = await make();
    const wrong: unknown[] = [];
    for (const leaf of leaves.filter((each) => !left.includes(nameOf(each)))) {
      const name = nameOf(leaf);
      const { code: got, stdout, stderr } = await runHere(lineOf(leaf), { env: machine.env });
      const expected = but[name] ?? code;
      if (got !== expected) wrong.push(`${name}: ${got} and not ${expected}: ${stderr.slice(0, 100)}`);
      if (/\n {4}at |not expected/.test(stderr)) wrong.push(`${name}: ${stderr}`);
      if (but[name] === undefined && !says.test(stderr + stdout)) wrong.push(`${name}: ${stderr.slice(0, 200)}`);
      if (takes(leaf, "--json") && !isDocument(stdout, got)) wrong.push(`${name}: ${got} ${stdout.slice(0, 100)}`);
    }
    expect(wrong.join("\n")).toBe("");
  });
});

it("a profile that nobody knows is told by every command that takes one", async () => {
  const { env } = aMachine(good);
  // They make one; a service may have outlived its profile; a row is named by its number; launchd is not here.
  const not = ["init", "setup", "profile import", "import-reference", "service uninstall", "outbox retry"];
  for (const leaf of leaves.filter((each) => takes(each, "--profile-id"))) {
    const name = nameOf(leaf);
    if (not.includes(name) || name.startsWith("launchd-")) continue;
    const line = lineOf(leaf).map((word, at, words) => (words[at - 1] === "--profile-id" ? "nope" : word));
    const args = line.includes("nope") ? line : [...line, "--profile-id", "nope"];
    const { code, stdout, stderr } = await runHere(args, { env });
    expect([args, code, stderr]).toEqual([args, 66, expect.stringContaining('Profile "nope" is not installed')]);
    expect(JSON.parse(stdout)).toMatchObject({ error: expect.stringContaining("nope"), exitCode: 66 });
  }
});

/** One document, or a line for each; commands that print lines have none when there is nothing. */
function isDocument(stdout: string, code: number): boolean {
  const isJson = (text: string) => {
    try {
      return JSON.parse(text) !== undefined;
    } catch {
      return false;
    }
  };
  return isJson(stdout) || (code === 0 && stdout.split("\n").every((line) => line === "" || isJson(line)));
}
