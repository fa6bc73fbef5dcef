// The README's tour, run as it stands, and docs/json-output.md against what the commands print on the way.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anyHost, builtCli, makeProduct, makeRepository, type Product } from "../support/product.ts";
import { root } from "../tooling/project-files.ts";
import { undocumented, unseen } from "./json-page.ts";

const [tour = "", ending = ""] = [...read("README.md").matchAll(/```sh tour\n([\s\S]*?)```/g)].map(([, text]) => text);

let product: Product;
let checkout: string;
let told = "";

beforeAll(async () => {
  product = makeProduct();
  checkout = join(product.folder, "shop");
  const manifest = { name: "shop", private: true, scripts: { test: "test -f README.md" } };
  makeRepository(checkout, { "package.json": JSON.stringify(manifest), "README.md": "# shop\n" });
  mkdirSync(product.home);
  writeFileSync(join(product.home, "host.yaml"), anyHost);
  told = await shell(tour);
}, 240_000);
afterAll(async () => product?.close());

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** Runs lines of the README with its own `acp`; the temporary home is one that the test can clean up. */
function shell(lines: string): Promise<string> {
  const home = `mktemp() { echo "${product.home}"; }\nAGENT_RUNTIME_HOME="${product.home}"; export AGENT_RUNTIME_HOME\n`;
  const setup = `set -e\nacp_cli="${builtCli}"\nacp() { node "$acp_cli" "$@"; }\n`;
  return new Promise((done, failed) => {
    execFile(
      "/bin/sh",
      ["-c", `${home}${setup}${lines}`],
      { cwd: checkout, env: product.env },
      (error, stdout, stderr) =>
        error ? failed(new Error(`${error.message}\n${stdout}\n${stderr}`)) : done(stdout + stderr),
    );
  });
}

describe("the tour of the README", () => {
  it("is in the README", () => {
    expect(tour).toContain("acp init --profile-id tour --forge local");
    expect(ending).toContain("acp runtime stop");
    expect(read("README.md")).toContain('acp() { node "$acp_cli" "$@"; }');
  });

  it("ends with a merged pull request, and shows what the README says on the way", () => {
    expect(told).toMatch(/running, pid \d+: tour/);
    expect(told).toMatch(/#2 +open +agent\/tour\/issue-1-/);
    expect(told).toContain("message  working on #1");
    expect(told).toContain("+- Write a first note");
    expect(told).toMatch(/#2 merged \(squash\)/);
    expect(told).toMatch(/closed, by operator, .*agent-ready/);
    expect(told).toMatch(/Opened PR #2: http/);
  });
});

describe("docs/json-output.md", () => {
  const page = read("docs/json-output.md");

  it("notices a field that is not documented, and a documented one that is not there", () => {
    expect(undocumented(page, "acp version", { name: "n", surprise: 1 })).toEqual(["surprise"]);
    expect(unseen(page, "acp version", { name: "n" })).toEqual(expect.arrayContaining(["version", "node", "platform"]));
    expect(undocumented(page, "acp pr list", { pullRequests: [{ number: 1, x: 1 }] })).toEqual(["pullRequests[].x"]);
    expect(undocumented(page, "acp runtime status", { profiles: [{ tasks: { dead: 1 } }] })).toEqual([]);
  });

  /** The heading it is documented under, and what to run. */
  const commands = (session: string): readonly (readonly [string, readonly string[]])[] => [
    ["acp version", ["version"]],
    ["acp sync", ["sync", "--dry-run"]],
    ["acp versions list", ["versions"]],
    ["acp versions prune", ["versions", "prune", "--dry-run"]],
    ["acp init", ["init", "--profile-id", "tour", "--forge", "local", "--repo-root", checkout, "--force", "--dry-run"]],
    ["acp setup", ["setup", "--repo-root", checkout, "--starter-issue", "refactor", "--dry-run"]],
    ["acp profile list", ["profile", "list"]],
    ["acp profile show", ["profile", "show"]],
    ["acp profile validate", ["profile", "validate"]],
    ["acp profile export", ["profile", "export"]],
    ["acp profile remove", ["profile", "remove", "--profile-id", "tour", "--dry-run"]],
    ["acp profile-smoke", ["profile-smoke"]],
    ["acp profile-adopt", ["profile-adopt"]],
    ["acp service status", ["service", "status"]],
    ["acp backends check", ["backends", "check", "shell"]],
    ["acp runtime start", ["runtime", "start"]],
    ["acp runtime start", ["runtime", "restart"]],
    ["acp runtime pause", ["runtime", "pause", "--reason", "r"]],
    ["acp runtime status", ["runtime", "status"]],
    ["acp runtime resume", ["runtime", "resume"]],
    ["acp issue create", ["issue", "create", "--title", "Another", "--label", "agent-ready"]],
    ["acp issue label", ["issue", "label", "3", "--add", "agent-hold"]],
    ["acp runtime tick", ["runtime", "tick"]],
    ["acp runtime tick --dry-run", ["runtime", "tick", "--dry-run"]],
    ["acp why", ["why", "3"]],
    ["acp budget show", ["budget", "show"]],
    ["acp budget raise", ["budget", "raise", "1", "--usd", "5", "--reason", "r"]],
    ["acp quota list", ["quota", "list"]],
    ["acp runtime status", ["runtime", "status"]],
    ["acp sessions list", ["sessions", "list", "--all"]],
    ["acp sessions show", ["sessions", "show", session]],
    ["acp sessions diff", ["sessions", "diff", session]],
    ["acp sessions stop", ["sessions", "stop", session]],
    ["acp tasks list", ["tasks", "list"]],
    ["acp tasks cancel", ["tasks", "cancel", "1"]],
    ["acp tasks cancel", ["tasks", "replay", "1"]],
    ["acp outbox list", ["outbox", "list", "--all"]],
    ["acp outbox show", ["outbox", "show", "1"]],
    ["acp outbox show", ["outbox", "retry", "1"]],
    ["acp outbox show", ["outbox", "drop", "1", "--reason", "r"]],
    ["acp outbox flush", ["outbox", "flush"]],
    ["acp store check", ["store", "check"]],
    ["acp store compact", ["store", "prune", "--dry-run"]],
    ["acp store compact", ["store", "compact"]],
    ["acp runtime status --disk", ["runtime", "status", "--disk"]],
    ["acp issue list", ["issue", "list"]],
    ["acp issue view", ["issue", "view", "1"]],
    ["acp issue comment", ["issue", "comment", "3", "--body", "b"]],
    ["acp issue create", ["issue", "close", "3"]],
    ["acp pr list", ["pr", "list", "--state", "all"]],
    ["acp pr view", ["pr", "view", "2"]],
    ["acp pr diff", ["pr", "diff", "2"]],
    ["acp pr review", ["pr", "review", "2", "--comment", "--body", "b"]],
    ["acp pr merge", ["pr", "merge", "2"]],
    ["acp forge start", ["forge", "start"]],
    ["acp forge status", ["forge", "status"]],
  ];

  it("says every field that the commands print, and none that they do not", async () => {
    const { sessions } = await product.json<{ sessions: { id: string }[] }>("sessions", "list", "--all");
    const wrong: string[] = [];
    for (const [heading, args] of commands(sessions[0]?.id ?? "")) {
      const document = await product.json(...args);
      for (const field of undocumented(page, heading, document)) wrong.push(`${args.join(" ")}: + ${field}`);
      for (const field of unseen(page, heading, document)) wrong.push(`${args.join(" ")}: - ${field}`);
    }
    for (const [heading, args] of [
      ["acp events", ["events", "--json"]],
      ["acp runtime logs", ["runtime", "logs", "--json"]],
      ["acp sessions logs", ["sessions", "logs", sessions[0]?.id ?? "", "--json"]],
    ] as const) {
      const lines = (await product.acp(...args)).stdout.trim().split("\n");
      const documents = lines.map((line) => JSON.parse(line) as object);
      for (const each of documents) wrong.push(...undocumented(page, heading, each), ...unseen(page, heading, each));
    }
    expect(wrong).toEqual([]);
  }, 240_000);

  it("leaves no file below the runtime home that no rule of retention speaks of", async () => {
    const disk = await product.json<{ unruled: string[]; folders: { name: string }[] }>("runtime", "status", "--disk");
    expect(disk.unruled).toEqual([]);
    expect(disk.folders.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["store", "logs", "settings", "local-forge", "anchor", "history"]),
    );
    const { stdout } = await product.acp("runtime", "logs", "--level", "info", "--since", "1h");
    expect(stdout).toContain("session concluded");
  });

  it("holds for the commands that stop things, which the README ends with", async () => {
    const stopped = await product.json("runtime", "stop");
    expect(undocumented(page, "acp runtime stop", stopped)).toEqual([]);
    expect(unseen(page, "acp runtime stop", stopped)).toEqual([]);
    expect(await shell(ending)).toContain("the local forge is stopped");
    const forge = await product.json("forge", "stop");
    expect(undocumented(page, "acp forge stop", forge)).toEqual([]);
  });
});
