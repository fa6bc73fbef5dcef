import type { CliContext } from "../context.ts";
import { interruptible } from "../interruptible.ts";
import { table } from "../output.ts";
import { currentVersion, type InstalledVersion, installedVersions, pathOfCurrentCli } from "./installed-versions.ts";
import { pruneVersions } from "./prune-versions.ts";
import { rollBack } from "./roll-back.ts";
import { builtPackage, runningPackage } from "./running-package.ts";
import { syncVersion } from "./sync-version.ts";

interface Options {
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

/** `acp sync` */
export async function sync(context: CliContext, { json, dryRun = false }: Options): Promise<void> {
  const from = runningPackage(context.home);
  // At Ctrl-C the copy is taken away again; one that has its place stays there, whole.
  const synced = await interruptible(context, (_, signal) =>
    syncVersion({ home: context.home, from, now: context.clock.now(), dryRun, signal }),
  );
  if (json) return context.output.json(synced);
  const { id, status, folder, before, because } = synced;
  const words = {
    installed: dryRun ? `${id} would be installed and made current` : `${id} is installed and current`,
    switched: dryRun
      ? `${id} is installed and would be made current`
      : `${id} was installed already, and is current now`,
    unchanged:
      from.kind === "runtime-home" ? `unchanged: this program is the installed ${id}` : `unchanged: ${id} is current`,
  };
  context.output.print(`${words[status]}: ${folder}`);
  if (because) context.output.print(`${from.version} is installed with other content; this one stands beside it`);
  if (status === "unchanged" || dryRun) return;
  if (before !== null) context.output.print(`"acp rollback" goes back to ${before}, which is kept`);
  sayRestart(context);
}

/** `acp versions list` */
export function list(context: CliContext, { json }: Options): void {
  const versions = installedVersions(context.home);
  if (json) context.output.json({ versions, cli: pathOfCurrentCli(context.home) });
  else if (versions.length === 0) context.output.print('no version is installed; "acp sync" installs this one');
  else printVersions(context, versions);
}

function printVersions(context: CliContext, versions: readonly InstalledVersion[]): void {
  context.output.print(
    table(
      versions.map((version) => [
        version.id,
        version.isCurrent ? "current" : version.isPrevious ? "previous" : "",
        `Node ${version.node.version}`,
        `store schema ${version.storeSchema}`,
        new Date(version.installedAt).toISOString().slice(0, 16).replace("T", " "),
      ]),
    ),
  );
  for (const { id, problem } of versions)
    if (problem)
      context.output.note(
        `${context.output.noteStyle.yellow("warning:")} ${id}: ${problem}. "acp sync" installs it for the Node that runs it.`,
      );
}

/** `acp versions prune` */
export async function prune(context: CliContext, { json, dryRun = false }: Options): Promise<void> {
  const pruned = await pruneVersions(context.home, builtPackage(context.home), dryRun);
  if (json) return context.output.json(pruned);
  const gone = [...pruned.removed, ...pruned.leftovers];
  const verb = dryRun ? "would remove" : "removed";
  context.output.print(gone.length === 0 ? "nothing to remove" : `${verb} ${gone.join(", ")}`);
  for (const { id, because } of pruned.kept) context.output.print(`kept ${id}: ${because}`);
}

/** `acp rollback` */
export async function rollback(
  context: CliContext,
  { json, dryRun = false, to, restoreStore = false }: Options & { to?: string; restoreStore?: boolean },
): Promise<void> {
  const now = context.clock.now();
  const done = await rollBack({ home: context.home, to, restoreStore, dryRun, now });
  if (json) return context.output.json(done);
  if (done.status === "unchanged") return context.output.print(`unchanged: ${done.to} is current`);
  if (done.restoredFrom) {
    context.output.print(`the store ${dryRun ? "would go" : "went"} back to ${done.restoredFrom}`);
    if (done.keptStore) context.output.print(`as it was it is kept as ${done.keptStore}`);
  }
  context.output.print(
    `${done.to} ${dryRun ? "would be" : "is"} current${done.from ? `, instead of ${done.from}` : ""}`,
  );
  if (!dryRun) sayRestart(context);
}

/** What runs goes on as it is; only a start takes the new version. */
function sayRestart(context: CliContext): void {
  const current = currentVersion(context.home);
  const cli = pathOfCurrentCli(context.home);
  if (!current || !cli) return;
  context.output.print("a runtime and sessions that run keep the version they have. To let the runtime take this one:");
  context.output.print(`  ${JSON.stringify(current.node.path)} ${JSON.stringify(cli)} runtime restart --all`);
}
