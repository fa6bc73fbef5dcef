// Wrong usage of every command there is, asked of commander's own tree: a new one is in here by itself.
import { describe, expect, it } from "vitest";
import { leaves, lineOf, nameOf, tree } from "../support/every-command.ts";
import { runHere } from "../support/in-process.ts";

const nowhere = { HOME: "/nonexistent", AGENT_RUNTIME_HOME: "/nonexistent/home" };

async function wrongUsage(args: readonly string[], words: string | RegExp): Promise<void> {
  const { code, stdout, stderr } = await runHere(args, { env: nowhere });
  expect([args, code]).toEqual([args, 64]);
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/\n {4}at /);
  if (args.includes("--json")) {
    expect(JSON.parse(stdout), args.join(" ")).toMatchObject({ error: expect.stringMatching(words), exitCode: 64 });
  } else expect(stdout).toBe("");
}

describe("wrong usage is 64 and says what is wrong", () => {
  it.each(leaves.map((leaf) => [nameOf(leaf), leaf] as const))("acp %s", async (name, leaf) => {
    const line = lineOf(leaf);
    await wrongUsage([...line, "--no-such-option"], "unknown option '--no-such-option'");
    await wrongUsage([...line, "one", "more", "argument"], "too many arguments");
    const before = leaf.registeredArguments.map((argument, index) => ({
      argument,
      given: line.slice(0, name.split(" ").length + index),
    }));
    for (const { argument, given } of before)
      if (argument.required && !leaf.options.some(({ mandatory }) => mandatory))
        await wrongUsage(given, `missing required argument '${argument.name()}'`);
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
