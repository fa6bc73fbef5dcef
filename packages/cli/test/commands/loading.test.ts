import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { storePath } from "@agent-control-plane/core";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { Command } from "commander";
import { expect, it } from "vitest";
import { commandFiles, commandsFor } from "../../src/commands/index.ts";
import type { CliContext } from "../../src/context.ts";
import { runHere } from "../support/in-process.ts";

it.each(commandFiles.map((file) => [file.names.join(", "), file] as const))(
  "%s: its file adds just these",
  async (_, file) => {
    const program = new Command();
    (await file.load())(program, {} as CliContext);
    expect(program.commands.flatMap((command) => [command.name(), ...command.aliases()]).sort()).toEqual(
      [...file.names].sort(),
    );
  },
);

it("a command loads its own file only, and what is about all commands loads all", async () => {
  for (const word of ["runtime", "onboard", "rollback"]) expect(await commandsFor(word)).toHaveLength(1);
  for (const word of [undefined, "help", "completion", "runtme"])
    expect(await commandsFor(word)).toHaveLength(commandFiles.length);
});

it.each([[["--help"]], [["help"]], [["--debug", "--help"]]])("%j names every command", async (args) => {
  const { stdout } = await runHere(args, { env: { HOME: "/nonexistent" } });
  for (const { names } of commandFiles) expect(stdout).toMatch(new RegExp(`^  ${names[0]}\\b`, "m"));
});

it("status is well where the store's maker was killed before the first table", async () => {
  const home = temporaryFolder();
  const path = storePath(home);
  mkdirSync(dirname(path));
  writeFileSync(path, "");
  const { code, stderr } = await runHere(["runtime", "status"], { env: { HOME: home, AGENT_RUNTIME_HOME: home } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(readdirSync(dirname(path))).toHaveLength(1);
  expect(statSync(path).size).toBe(0);
});
