// acp setup as a person has it: at a real pseudo-terminal, from a checkout to a running runtime and a worked issue.
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { treeOf } from "../../packages/cli/test/support/tree.ts";
import { anyHost, builtCli, git, makeProduct, makeRepository, type Product, until } from "../support/product.ts";
import { keys, openTerminal, type Terminal } from "../support/terminal.ts";
import { noUserSystemd, startUserSystemd, type UserSystemd } from "../support/user-systemd.ts";

vi.setConfig({ testTimeout: 240_000 });

let product: Product;
let checkout: string;
let terminals: Terminal[] = [];
let systemd: UserSystemd | undefined;

beforeEach(() => {
  product = makeProduct();
  // What agents this machine has must not matter.
  const bin = join(product.folder, "bin");
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, "node"));
  symlinkSync(join(dirname(process.execPath), "npm"), join(bin, "npm"));
  product.env.PATH = `${bin}:/usr/bin:/bin`;
  checkout = join(product.folder, "shop");
  makeRepository(checkout, {
    "package.json": `{ "scripts": { "test": "test -f README.md" } }`,
    "README.md": "# shop\n",
  });
});
afterEach(async () => {
  for (const terminal of terminals) terminal.close();
  terminals = [];
  await systemd?.close();
  systemd = undefined;
  await product.close();
});

function setup(...args: readonly string[]): Terminal {
  const terminal = openTerminal(process.execPath, [builtCli, "setup", ...args], { env: product.env, cwd: checkout });
  terminals.push(terminal);
  return terminal;
}

const worker = 'echo "- $ACP_ISSUE_TITLE" >> NOTES.md';

/** Each question of the whole path on the local forge, in order, and what a person types there. */
const questions: readonly (readonly [question: string, typed: string])[] = [
  ["Where is your checkout?", keys.enter],
  ["Where do its issues live?", keys.enter],
  ["Its name there, owner/name", `${keys.ctrlU}ann/shop${keys.enter}`],
  ["Name of the profile", keys.enter],
  ["Who does the work?", keys.enter],
  ["Command that it runs in each worktree", `${worker}${keys.enter}`],
  ["What must pass before anything is published?", keys.enter],
  ["First issues for the agents?", `${keys.space}${keys.enter}`],
  ["Start the runtime when all is set up?", keys.enter],
  ["Go ahead?", keys.enter],
];

async function interruptAt(terminal: Terminal, question: string): Promise<void> {
  await terminal.see(question);
  terminal.type(keys.ctrlC);
  await terminal.see("Interrupted. Nothing was written");
  expect(await terminal.ended, question).toBe(130);
}

function makeProgram(name: string): void {
  writeFileSync(join(product.folder, "bin", name), "#!/bin/sh\n", { mode: 0o755 });
}

async function answerAll(terminal: Terminal, but: readonly string[] = []): Promise<void> {
  for (const [question, typed] of questions) {
    if (but.includes(question)) continue;
    await terminal.see(question);
    terminal.type(typed);
  }
}

/** A machine that is busy with tests must not hold work back. */
function unhurried(): void {
  mkdirSync(product.home, { recursive: true });
  writeFileSync(join(product.home, "host.yaml"), anyHost);
}

async function pullRequestOf(profileId: string): Promise<{ readonly title: string }> {
  return until("the pull request is open", async () => {
    const { pullRequests } = await product.json<{ pullRequests: { title: string }[] }>(
      ...["pr", "list", "--profile-id", profileId],
    );
    return pullRequests[0];
  });
}

it("goes at a terminal from a checkout to a running runtime and a worked issue", async () => {
  unhurried();
  const before = git(checkout, "status", "--porcelain", "--branch");
  const terminal = setup();
  await answerAll(terminal);
  await terminal.see("Step 4 of 4");
  await terminal.see(/runs, pid \d+/);
  await terminal.see("It is set up.");
  await terminal.see("acp why 1 --profile-id shop");
  expect(await terminal.ended).toBe(0);

  const { profiles } = await product.json<{ profiles: { running: boolean }[] }>("runtime", "status");
  expect(profiles).toMatchObject([{ profileId: "shop", running: true }]);
  expect((await pullRequestOf("shop")).title).toContain("README: how to install, run and test this project");
  expect(git(checkout, "status", "--porcelain", "--branch")).toBe(before);
});

it("does the same without a question, and says it in one document", async () => {
  unhurried();
  const flags = ["--yes", "--repo-root", checkout, "--shell-command", worker, "--create-starter-issues", "--sync"];
  flags.push("--no-start-dashboard", "--non-interactive");
  const { setupStatus, runtime, starterIssues, labelsMade, synced } = await product.json<Document>("setup", ...flags);
  expect(setupStatus).toBe("ok");
  expect(runtime?.status).toBe("started");
  expect(starterIssues.map(({ made }) => made)).toEqual([true, true, true, true, true]);
  expect(labelsMade).toContain("agent-ready");
  const { versions } = await product.json<{ versions: object[] }>("versions", "list");
  expect(versions).toMatchObject([{ id: synced?.id, isCurrent: true }]);
  await pullRequestOf("shop");

  const again = await product.json<Document>("setup", ...flags);
  expect(again).toMatchObject({
    setupStatus: "ok",
    profileExists: true,
    labelsMade: [],
    runtime: { status: "already-running" },
  });
  expect(again.starterIssues.map(({ made, number }) => [made, number])).toEqual(
    starterIssues.map(({ number }) => [false, number]),
  );
});

interface Document {
  readonly setupStatus: string;
  readonly profileExists: boolean;
  readonly runtime: { readonly status: string } | null;
  readonly synced: { readonly id: string } | null;
  readonly labelsMade: readonly string[];
  readonly starterIssues: readonly { readonly made: boolean; readonly number: number }[];
}

it("takes a token as dots, and keeps it in the profile's secrets file alone", async () => {
  const { token, flags } = await anotherForge();
  const given = [...flags, "--shell-command", worker, "--no-create-starter-issues", "--no-start-runtime"];
  const toMending = async (): Promise<Terminal> => {
    const terminal = setup(...given);
    for (const question of ["Name of the profile", "What must pass", "Go ahead?"]) {
      await terminal.see(question);
      terminal.type(keys.enter);
    }
    await terminal.see("no token was found");
    await terminal.see("Give a token");
    return terminal;
  };
  for (const typed of [[keys.ctrlC], [keys.enter, keys.ctrlC]]) {
    const left = await toMending();
    left.type(typed[0] ?? "");
    if (typed[1]) {
      await left.see("Token for the forge");
      left.type(typed[1]);
    }
    await left.see("Interrupted. Nothing was written");
    expect(await left.ended).toBe(130);
    expect(existsSync(join(product.home, "control-plane"))).toBe(false);
  }

  const terminal = await toMending();
  for (const [typed, answer] of [
    ["no-such-token", "is refused (HTTP 401"],
    [token, "with the token from your input"],
  ] as const) {
    terminal.type(keys.enter);
    await terminal.see("Token for the forge");
    terminal.type(`${typed}${keys.enter}`);
    await terminal.see(answer);
    if (typed !== token) await terminal.see("Give a token");
  }
  await terminal.see("It is set up.");
  expect(await terminal.ended).toBe(0);
  expect(terminal.shown()).not.toContain(token);
  expect(terminal.shown()).not.toContain("no-such-token");

  const holding = Object.entries(treeOf(join(product.home, "control-plane"))).filter(([, content]) =>
    Buffer.from(content.split(" ")[1] ?? "", "base64")
      .toString()
      .includes(token),
  );
  expect(holding.map(([name, content]) => [name, content.split(" ")[0]])).toEqual([
    ["profiles/shop/secrets.env", "600"],
  ]);
});

/** The local forge, met as any forge that speaks as GitHub does: by its address and a token. */
async function anotherForge(): Promise<{ readonly token: string; readonly flags: readonly string[] }> {
  const { url } = await product.json<{ url: string }>("forge", "start");
  const forge = product.forge();
  await forge.createUser({ login: "ann", siteAdmin: true });
  await forge.createRepository({ owner: "ann", name: "shop", importFrom: checkout });
  const token = await forge.createToken({ login: "ann", scopes: "write" });
  const place = ["--forge", "github", "--api-url", `${url}/api/v3`, "--git-url", url];
  return { token, flags: ["--repo-root", checkout, "--repo-slug", "ann/shop", ...place] };
}

it("leaves nothing behind when it is interrupted at any question, and a second run finishes", async () => {
  const checkoutBefore = treeOf(checkout);
  for (const [at, [question]] of questions.entries()) {
    const terminal = setup();
    for (const [earlier, typed] of questions.slice(0, at)) {
      await terminal.see(earlier);
      terminal.type(typed);
    }
    await interruptAt(terminal, question);
    expect(existsSync(product.home), question).toBe(false);
    expect(readdirSync(product.env.HOME ?? ""), question).toEqual([]);
  }
  // Questions that only some answers lead to.
  makeProgram("claude");
  mkdirSync(join(product.env.HOME ?? "", ".claude"));
  writeFileSync(join(product.env.HOME ?? "", ".claude", ".credentials.json"), "{}");
  const project = ["--repo-root", checkout, "--forge", "local", "--repo-slug", "ann/shop", "--profile-id", "shop"];
  for (const [given, question] of [
    ["claude", "Let its sessions use your own login (~/.claude)?"],
    ["openclaw", "Model that it asks"],
  ] as const) {
    await interruptAt(setup(...project, "--coding-worker", given), question);
    expect(existsSync(product.home), question).toBe(false);
  }
  expect(treeOf(checkout)).toEqual(checkoutBefore);

  unhurried();
  const terminal = setup("--coding-worker", "shell");
  await answerAll(terminal, ["Who does the work?"]);
  await terminal.see("It is set up.");
  expect(await terminal.ended).toBe(0);

  const profiles = treeOf(join(product.home, "control-plane"));
  const again = setup();
  for (const question of ["Where is your checkout?", "Where do its issues live?", "Its name there", "Name of the"]) {
    await again.see(question);
    again.type(keys.enter);
  }
  await interruptAt(again, "Profile shop is there already.");
  expect(treeOf(join(product.home, "control-plane"))).toEqual(profiles);
});

it("is finished by a later run, at whichever step it was interrupted while it installed", async () => {
  unhurried();
  const flags = ["--yes", "--shell-command", worker, "--starter-issue", "documentation", "--sync"];
  const moments = ["Step 4 of 4", "✓ profile: wrote", "✓ labels", "✓ starter-issues: #1 documentation", "✓ sync"];
  for (const moment of moments) {
    const terminal = setup(...flags);
    // A profile that stands is kept, and said so.
    await terminal.see(moment === "✓ profile: wrote" ? /✓ profile: / : moment);
    terminal.type(keys.ctrlC);
    expect(await terminal.ended, moment).toBe(130);
    // One that was just coming up gives back what it has begun, and goes.
    await until("nothing runs", async () => {
      const { profiles } = await product.json<{ profiles: { running: boolean }[] }>("runtime", "status");
      return profiles.every(({ running }) => !running);
    });
  }
  const done = await product.json<Document>("setup", "--repo-root", checkout, ...flags);
  expect(done).toMatchObject({ setupStatus: "ok", profileExists: true, runtime: { status: "started" } });
  expect(done.starterIssues).toMatchObject([{ name: "documentation", number: 1, made: false }]);
  expect(readdirSync(join(product.home, "control-plane/profiles"))).toEqual(["shop"]);
  const versions = readdirSync(join(product.home, "runtime-home/versions"));
  expect(versions).toEqual([done.synced?.id]);
  expect((await pullRequestOf("shop")).title).toContain("README");
});

const lacking = noUserSystemd();

describe.skipIf(lacking !== null)(`with a systemd${lacking === null ? "" : ` (skipped: ${lacking})`}`, () => {
  it("asks whether the system is to keep it running, and does what the person says", async () => {
    unhurried();
    const person = product.env.HOME ?? "";
    await product.json("forge", "start");
    systemd = await startUserSystemd(person);
    const project = ["--repo-root", checkout, "--repo-slug", "ann/shop", "--forge", "local", "--profile-id", "shop"];
    const work = ["--shell-command", worker, "--verify", "test -f README.md", "--starter-issue", "documentation"];
    const { line, env } = systemd.entering([process.execPath, builtCli, "setup", ...project, ...work]);
    const open = () => {
      const [file = "", ...args] = line;
      const terminal = openTerminal(file, args, { env: { ...product.env, ...env }, cwd: checkout });
      terminals.push(terminal);
      return terminal;
    };
    const question = "Let this system keep it running, as a service?";
    await interruptAt(open(), question);
    expect(existsSync(join(product.home, "control-plane"))).toBe(false);
    expect(readdirSync(person)).toEqual([]);

    const terminal = open();
    await terminal.see(question);
    terminal.type("y");
    for (const asked of ["Start the runtime when all is set up?", "Go ahead?"]) {
      await terminal.see(asked);
      terminal.type(keys.enter);
    }
    await terminal.see("✓ service: agent-control-plane-shop.service: installed");
    await terminal.see("It is set up.");
    expect(await terminal.ended).toBe(0);
    const asked = ["service", "status", "--profile-id", "shop", "--json"];
    const { stdout } = await systemd.run([process.execPath, builtCli, ...asked], product.env);
    expect(JSON.parse(stdout)).toMatchObject({ services: [{ running: true, enabled: true }] });
    expect((await pullRequestOf("shop")).title).toContain("README");
  });
});
