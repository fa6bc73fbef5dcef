import { type ForgeProvider, forgeProviders } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";
import type { InitOptions } from "../init/init-options.ts";
import { addReferenceFlags, toldOfReferenceFlags } from "../migrate/reference-flags.ts";

export function registerInit(program: Command, context: CliContext): void {
  addReferenceFlags(program.command("init"), "init")
    .description("write a profile: the rules for one repository")
    .requiredOption("--profile-id <id>", "name of the profile: lower-case letters, digits, hyphens")
    .option("--repo-slug <owner/name>", "repository on the forge; default: read from the checkout's origin")
    .option("--repo-root <path>", "your checkout of it; read, never worked in")
    .option("--agent-root <path>", "folder for everything agents touch; default: projects/<id> in the runtime home")
    .option("--worktree-root <path>", "folder for agents' worktrees; default: worktrees in the agent root")
    .option("--agent-repo-root <path>", "the agents' own copy of the repository; default: anchor.git in the agent root")
    .addOption(
      new Option("--coding-worker <name>", "who does the work; default: the first agent program on PATH").choices(
        backends.map(({ name }) => name),
      ),
    )
    .option("--model <name>", "the model that the worker asks; default: the program's own choice")
    .option("--shell-command <command>", "what the shell worker runs in each worktree")
    .addOption(new Option("--forge <provider>", "where issues live").choices(forgeProviders).default("github"))
    .addOption(new Option("--forge-provider <provider>", "the same").choices(forgeProviders).hideHelp())
    .option("--api-url <url>", "API address of another GitHub-compatible forge")
    .option("--git-url <url>", "git address of another GitHub-compatible forge")
    .option("--token-stdin", "read the forge token from stdin into secrets.env (mode 0600)")
    .option("--force", "replace the profile that is there; its secrets stay")
    .option("--dry-run", "show what would be written, write nothing")
    .option("--json", "one JSON document on stdout")
    .addHelpText(
      "before",
      examples([
        "acp init --profile-id web --repo-root ~/src/web",
        "acp init --profile-id web --repo-slug octo/web --coding-worker claude --dry-run",
        'acp init --profile-id demo --forge local --repo-root . --shell-command "make fix"',
      ]),
    )
    .action(async ({ forgeProvider, ...options }: InitOptions & { readonly forgeProvider?: ForgeProvider }) => {
      const { initProfile } = await import("../init/init-profile.ts");
      for (const words of toldOfReferenceFlags(options)) context.output.note(words);
      await initProfile(context, { ...options, forge: forgeProvider ?? options.forge });
    });
}
