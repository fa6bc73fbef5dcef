import { forgeProviders } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";
import { addReferenceFlags } from "../migrate/reference-flags.ts";
import { USAGE_EXIT_CODE } from "../report-error.ts";
import type { SetupOptions } from "../setup/setup-options.ts";
import { starterNames } from "../setup/starter-issues.ts";

export function registerSetup(program: Command, context: CliContext): void {
  addReferenceFlags(program.command("setup"), "setup")
    .alias("onboard")
    .description("guided: from a checkout to a running runtime, in four steps; safe to repeat")
    .option("--repo-root <path>", "your checkout; default: the one you stand in; read, never worked in")
    .option("--allow-missing-repo", "there is no checkout on this machine")
    .option("--repo-slug <owner/name>", "repository on the forge; default: read from the checkout's origin")
    .option("--profile-id <id>", "name of the profile; default: from the repository's name")
    .addOption(
      new Option(
        "--forge <provider>",
        "where issues live; default: github for a checkout from there, else local",
      ).choices(forgeProviders),
    )
    .addOption(new Option("--forge-provider <provider>", "the same").choices(forgeProviders).hideHelp())
    .option("--api-url <url>", "API address of another GitHub-compatible forge")
    .option("--git-url <url>", "git address of another GitHub-compatible forge")
    .option("--agent-root <path>", "folder for everything agents touch; default: projects/<id> in the runtime home")
    .option("--worktree-root <path>", "folder for agents' worktrees; default: worktrees in the agent root")
    .option("--agent-repo-root <path>", "the agents' own copy of the repository; default: anchor.git in the agent root")
    .addOption(
      new Option("--coding-worker <name>", "who does the work; default: an agent that is installed").choices(
        backends.map(({ name }) => name),
      ),
    )
    .option("--model <name>", "the model that the worker asks; default: the program's own choice")
    .option("--shell-command <command>", "what the shell worker runs in each worktree")
    .option("--pass-env <name...>", "variables that sessions get, by name; default: the one with the worker's key")
    .option("--worker-login <folder>", "your own login for the worker, for example ~/.claude; each session gets a copy")
    .option("--verify <command>", "a check that must pass before anything is published; again for each", collect)
    .option("--token-stdin", "read the forge token from stdin into secrets.env (mode 0600)")
    .option("--gh-auth-login", "when there is no token, offer to log in with gh (asked only at a terminal)")
    .option("--no-gh-auth-login", "never offer it")
    .option("--install-missing-deps", "when git is not there, install it with this system's package manager")
    .option("--no-install-missing-deps", "never offer it")
    .option("--install-missing-backend", "when the worker's program is not there, install it with npm")
    .option("--no-install-missing-backend", "never offer it")
    .option("--create-starter-issues", "open first issues for the agents, each once")
    .option("--no-create-starter-issues", "open none")
    .addOption(
      new Option("--starter-issue <name...>", "only these of them").choices(starterNames).implies({
        createStarterIssues: true,
      }),
    )
    .option("--sync", "copy this version into the runtime home; a service starts it from there")
    .option("--no-sync", "copy nothing, also with a service")
    .option("--install-service", "let systemd or launchd keep the runtime running; implies --sync")
    .option("--no-install-service", "no service")
    .addOption(new Option("--install-launchd", "the same as --install-service").hideHelp())
    .addOption(new Option("--no-install-launchd", "the same as --no-install-service").hideHelp())
    .option("--start-dashboard", "let systemd or launchd keep the dashboard running, too; implies --sync")
    .option("--no-start-dashboard", "no service of the dashboard")
    .addOption(
      new Option("--dashboard-port <port>", "where it serves; default: 8765").argParser((given) => {
        if (/^[1-9]\d{0,4}$/.test(given) && Number(given) <= 65_535) return given;
        throw new InvalidArgumentError("Give a number from 1 to 65535.");
      }),
    )
    .option("--start-runtime", "start the runtime at the end; the default of --yes")
    .option("--no-start-runtime", "leave it to you")
    .option("--force", "replace the profile that is there; its secrets stay")
    .option("--dry-run", "say everything it would do, write nothing")
    .addOption(new Option("--plan", "the same as --dry-run").hideHelp())
    .option("--yes", "ask nothing: take the flags, and what is found")
    .addOption(new Option("--non-interactive", "the same as --yes").hideHelp())
    .option("--json", "ask nothing; one JSON document on stdout, progress on stderr")
    .addHelpText(
      "before",
      examples([
        "acp setup",
        "acp setup --dry-run",
        "gh auth token | acp setup --yes --coding-worker claude --token-stdin --json",
        'acp setup --yes --forge local --shell-command "make fix" --starter-issue documentation',
      ]),
    )
    .exitOverride((error) => {
      // Programs that asked for a document get one also for a flag that is not known.
      if (error.exitCode !== 0 && isJson(program)) context.output.json(usageDocument(error));
      throw error;
    })
    .action(async (options: SetupOptions) => {
      const { runSetup } = await import("../setup/run-setup.ts");
      await runSetup(context, options);
    });
}

/** Read from what was typed: an error ends the parsing before it comes to the later flags. */
const isJson = (program: Command): boolean => (program as Command & { rawArgs: string[] }).rawArgs.includes("--json");

const usageDocument = ({ message }: Error) => ({
  ...{ setupStatus: "error", setupMode: "unknown", error: message.replace(/^error: /, ""), exitCode: USAGE_EXIT_CODE },
});

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
