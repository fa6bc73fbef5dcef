import { listProfileIds } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import type { InstalledService } from "./install.ts";
import { readServiceState, type ServiceState } from "./read-service-state.ts";
import { type Served, servedInWords, theDashboard } from "./served.ts";

/** The named one; without a name that of all and those of the profiles, as far as there is something of them. */
export async function readServices(
  context: CliContext,
  { profileId, all, dashboard }: { readonly profileId?: string; readonly all?: boolean; readonly dashboard?: boolean },
): Promise<readonly ServiceState[]> {
  if (dashboard) return [await readServiceState(context, theDashboard)];
  if (all) return [await readServiceState(context, { profileId: null })];
  if (profileId !== undefined) return [await readServiceState(context, { profileId })];
  const working = [null, ...listProfileIds(context.home)].map((id): Served => ({ profileId: id }));
  const states = await Promise.all([...working, theDashboard].map((served) => readServiceState(context, served)));
  return states.filter(({ state }) => state !== "not-installed");
}

export function printServices({ output }: CliContext, services: readonly ServiceState[]): void {
  const { bold, green, red, yellow, dim } = output.style;
  if (services.length === 0) output.print('no service is installed; "acp service install --all" installs one');
  for (const service of services) {
    const { state, pid, restarts, detail, problems } = service;
    const colour = state === "running" ? green : state === "not-installed" ? dim : red;
    output.print(
      `${bold(servedInWords(service))}  ${colour(pid === null ? state : `${state}, pid ${pid}`)}  ${service.name ?? ""}`,
    );
    if (service.installed) output.print(dim(`  ${service.file}`));
    if (detail) output.print(`  ${detail}`);
    if (restarts) output.print(`  started again by itself: ${restarts} time(s)`);
    for (const { found, fix, command } of problems)
      output.print(`  ${yellow(found)}: ${fix}${command ? ` ${bold(command)}` : ""}`);
  }
}

export function printInstalled(context: CliContext, installed: InstalledService): void {
  const { output } = context;
  const { status, dryRun, service, text, commands, tools } = installed;
  const found = tools.flatMap(({ name, file }) => (file === null ? [] : [`${name} ${file}`]));
  if (dryRun) {
    output.print(status === "unchanged" ? `${service.file} stays as it is` : `would write ${service.file}:\n${text}`);
    if (commands.length > 0) output.print(`would run\n${commands.map((line) => `  ${line}`).join("\n")}`);
  } else {
    output.print(`${status}: ${service.file}`);
    printServices(context, [service]);
  }
  output.print(output.style.dim(`  it finds ${found.join(", ")}`));
  for (const hint of installed.hints) output.note(`${output.noteStyle.yellow("hint:")} ${hint}`);
}
