import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { Command, Option } from "commander";
import { describe, expect, it } from "vitest";
import { commandTree } from "../../src/completion/command-tree.ts";
import { completionScript, type Shell } from "../../src/completion/shell-scripts.ts";
import { buildAcp } from "../support/acp.ts";

/** What a real bash offers for the words typed so far; the last one is the one being typed. */
function offered(script: string, words: readonly string[], home: string): readonly string[] {
  const array = words.map((word) => `'${word}'`).join(" ");
  const typed = `${script}\nCOMP_WORDS=(acp ${array}); COMP_CWORD=${words.length}; _acp; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: process.env.PATH, HOME: home, AGENT_RUNTIME_HOME: home };
  const bash = spawnSync("bash", ["--noprofile", "--norc", "-c", typed], { env, encoding: "utf8" });
  expect(bash.stderr).toBe("");
  return bash.stdout.split("\n").filter((line) => line !== "");
}

function homeWithProfiles(...ids: readonly string[]): string {
  const home = temporaryFolder();
  for (const id of ids) mkdirSync(join(home, "control-plane/profiles", id), { recursive: true });
  return home;
}

function aProgram(): Command {
  const program = new Command("acp").option("--debug", "show it's stack");
  const runtime = program.command("runtime").description("runs");
  runtime
    .command("start")
    .option("--profile-id <id>", "which")
    .option("--all", "every one")
    .addOption(new Option("--mode <mode>", "how").choices(["fast", "safe"]));
  runtime.command("stop").option("--reason <text>", "why");
  program.command("sync").alias("install");
  program.command("secret", { hidden: true });
  return program;
}

describe("in a real bash", () => {
  const script = completionScript("bash", commandTree(aProgram()));
  it.each([
    ["commands, aliases too, and none that is hidden", [""], ["runtime", "sync", "install", "help"]],
    ["what begins like it", ["s"], ["sync"]],
    ["commands below", ["runtime", "st"], ["start", "stop"]],
    ["options of the command", ["runtime", "start", "--a"], ["--all"]],
    ["the choices of an option", ["runtime", "start", "--mode", ""], ["fast", "safe"]],
    ["profile ids", ["runtime", "start", "--profile-id", "w"], ["web", "web-shop"]],
    ["nothing for a value that can be anything", ["runtime", "stop", "--reason", "st"], []],
    ["and takes no value for a command", ["runtime", "--reason", "stop", "sta"], ["start"]],
    ["options after options", ["runtime", "start", "--all", "--mo"], ["--mode"]],
  ] as const)("offers %s", (_, words, expected) => {
    expect(offered(script, words, homeWithProfiles("web", "web-shop", "docs"))).toEqual(expected);
  });
});

it("of the real program knows every command, without having started it", async () => {
  const home = homeWithProfiles("web");
  const acp = await buildAcp();
  const env = { PATH: process.env.PATH, HOME: home, AGENT_RUNTIME_HOME: home };
  const { stdout: script, code } = await acp.run(["completion", "bash"], { env });
  expect(code).toBe(0);
  expect(offered(script, ["runtime", "re"], home)).toEqual(["restart", "resume", "refresh"]);
  expect(offered(script, ["roll"], home)).toEqual(["rollback"]);
  expect(offered(script, ["why", "--profile-id", ""], home)).toEqual(["web"]);
  expect((await acp.run(["completion", "tcsh"], { env })).code).toBe(64);
});

it.each(["zsh", "fish"] as const)("the script for %s is one that it takes", (shell: Shell) => {
  const script = completionScript(shell, commandTree(aProgram()));
  expect(script).toContain("profiles");
  if (spawnSync(shell, ["-c", "true"]).error) return; // not on this machine: only that there is a script
  const file = join(temporaryFolder(), "acp.script");
  writeFileSync(file, script);
  execFileSync(shell, ["-n", file]);
});
