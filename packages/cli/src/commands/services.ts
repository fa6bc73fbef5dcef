import { loadProfile, UserError } from "@agent-control-plane/core";
import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";
import { refuseUnknownProfile, selectProfileId } from "../select-profile.ts";
import { isWell } from "../services/read-service-state.ts";
import { type Served, theDashboard } from "../services/served.ts";

interface Options {
  readonly profileId?: string;
  readonly all?: boolean;
  readonly dashboard?: boolean;
  readonly port?: string;
  readonly dryRun?: boolean;
  readonly keepSessions?: boolean;
  readonly json?: boolean;
}

export function registerServices(program: Command, context: CliContext): void {
  const service = program
    .command("service")
    .description("keep the scheduler and the dashboard running: a systemd user unit on Linux, a LaunchAgent on macOS");
  service.addHelpText(
    "before",
    examples(["acp service install --all", "acp service status", "acp service uninstall --profile-id web --dry-run"]),
  );

  installs(service.command("install"), "acp service install").action((options: Options) => install(context, options));
  uninstalls(service.command("uninstall"), "acp service uninstall").action((options: Options) =>
    uninstall(context, options),
  );
  choosing(service.command("status"))
    .description("what is installed and how it stands; never writes; exit code 1 when something is not well")
    .addHelpText("before", examples(["acp service status", "acp service status --profile-id web --json"]))
    .action((options: Options) => status(context, options));

  installs(program.command("launchd-install"), "acp launchd-install").action((options: Options) => {
    onlyLaunchd(context, "install");
    return install(context, options);
  });
  uninstalls(program.command("launchd-uninstall"), "acp launchd-uninstall").action((options: Options) => {
    onlyLaunchd(context, "uninstall");
    return uninstall(context, options);
  });
}

const choosing = (command: Command): Command =>
  command
    .addOption(new Option("--profile-id <id>", "the service of one profile").conflicts("all"))
    .addOption(new Option("--all", "the service of every installed profile, in one process"))
    .addOption(new Option("--dashboard", "the dashboard's service, on 127.0.0.1").conflicts(["all", "profileId"]))
    .addOption(new Option("--json", "one JSON document on stdout"));

const dryRun = () => new Option("--dry-run", "say what it would do, and do nothing");

const installs = (command: Command, name: string): Command =>
  choosing(command)
    .description("install the service and start it; safe to repeat")
    .addOption(dryRun())
    .addOption(new Option("--port <port>", "with --dashboard: where it serves; default: 8765"))
    .addHelpText("before", examples([`${name} --all`, `${name} --profile-id web --dry-run`, `${name} --dashboard`]));

const uninstalls = (command: Command, name: string): Command =>
  choosing(command)
    .description("stop the service and remove it; the profile and its work stay")
    .addOption(dryRun())
    .addOption(new Option("--keep-sessions", "leave live sessions to the next runtime"))
    .addHelpText("before", examples([`${name} --all`, `${name} --profile-id web --keep-sessions`]));

function servedOf(context: CliContext, { all, profileId, dashboard }: Options): Served {
  if (dashboard) return theDashboard;
  return all ? { profileId: null } : { profileId: selectProfileId(context, profileId) };
}

/** A service cannot take a free one: nobody would know which. */
function portOf({ port, dashboard }: Options): number | undefined {
  if (port === undefined) return undefined;
  if (!dashboard) throw new UserError("--port is the dashboard's: give --dashboard, too.", { exitCode: 64 });
  if (/^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535) return Number(port);
  throw new UserError(`--port ${port} is no port. Give a number from 1 to 65535.`, { exitCode: 64 });
}

async function install(context: CliContext, options: Options): Promise<void> {
  const { installService } = await import("../services/install.ts");
  const { printInstalled } = await import("../services/print-services.ts");
  const dryRun = options.dryRun ?? false;
  const port = portOf(options);
  const asked = { dryRun, ...(port === undefined ? {} : { port }) };
  const installed = await installService(context, servedOf(context, options), asked);
  if (!dryRun && !installed.service.running) context.exitWith(1);
  if (options.json) return context.output.json(installed);
  printInstalled(context, installed);
}

async function uninstall(context: CliContext, options: Options): Promise<void> {
  const { uninstallService } = await import("../services/uninstall.ts");
  const served = servedOf(context, options);
  const uninstalled = await uninstallService(context, served, {
    dryRun: options.dryRun ?? false,
    keepSessions: options.keepSessions ?? false,
    waitMs: (await drainOf(context, served)) + 60_000,
  });
  if (options.json) return context.output.json(uninstalled);
  const { output } = context;
  if (uninstalled.status === "not-installed") return output.print(`not installed: ${uninstalled.name ?? "no service"}`);
  if (uninstalled.dryRun) {
    output.print(`would remove ${uninstalled.file} and run`);
    for (const line of uninstalled.commands) output.print(`  ${line}`);
    return;
  }
  output.print(`uninstalled ${uninstalled.name}: removed ${uninstalled.file}`);
  if (uninstalled.sessionsKept > 0) output.print(`${uninstalled.sessionsKept} session(s) go on`);
}

/** A profile that is broken or gone keeps no service from being removed. */
async function drainOf({ home, env }: CliContext, { profileId }: Served): Promise<number> {
  const { backends } = await import("@agent-control-plane/runners/backends");
  try {
    return profileId === null ? 30_000 : loadProfile(home, profileId, env, backends).scheduler.drainMs;
  } catch (error) {
    if (error instanceof UserError) return 30_000;
    throw error;
  }
}

async function status(context: CliContext, options: Options): Promise<void> {
  const { readServices, printServices } = await import("../services/print-services.ts");
  const services = await readServices(context, options);
  if (!services.some(({ installed }) => installed)) refuseUnknownProfile(context.home, options.profileId);
  if (!services.every(isWell)) context.exitWith(1);
  if (options.json) return context.output.json({ services });
  printServices(context, services);
}

function onlyLaunchd(context: CliContext, act: "install" | "uninstall"): void {
  if ((context.platform ?? process.platform) === "darwin") return;
  throw new UserError(`launchd is of macOS. Here it is: acp service ${act}`, { exitCode: 64 });
}
