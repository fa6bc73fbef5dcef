import { type ForgeProvider, forgeProviders, UserError } from "@agent-control-plane/core";
import { type Command, Option } from "commander";
import type { SetupOptions } from "./setup-options.ts";

/** Flags of the reference's `setup` that ours has under another name, or has nothing for. None is in the help. */
export interface ReferenceFlags {
  /** As it is typed. */
  readonly forgeProvider?: string;
  readonly sourceRepoRoot?: string;
  readonly retainedRepoRoot?: string;
  readonly vscodeWorkspaceFile?: string;
  readonly skipAnchorSync?: boolean;
  readonly skipWorkspaceSync?: boolean;
  readonly startDashboard?: boolean;
  readonly dashboardPort?: string;
  readonly giteaBaseUrl?: string;
  readonly giteaToken?: string;
  readonly giteaUsername?: string;
  readonly giteaPassword?: string;
}

/** Scripts that were written for the reference bring them; each is taken, or refused by its name with what to do. */
export function addReferenceFlags(command: Command): Command {
  const hidden = [
    ...["--forge-provider <provider>", "--source-repo-root <path>", "--retained-repo-root <path>"],
    ...["--vscode-workspace-file <path>", "--skip-anchor-sync", "--skip-workspace-sync"],
    ...["--start-dashboard", "--no-start-dashboard", "--dashboard-port <port>"],
    ...["--gitea-base-url <url>", "--gitea-token <token>", "--gitea-username <name>", "--gitea-password <word>"],
  ];
  for (const flags of hidden) command.addOption(new Option(flags, "of the reference").hideHelp());
  return command;
}

/** Pure. What they mean here, and a line for each that means nothing. Throws `UserError` (64) for what cannot be done. */
export function settleReferenceFlags(given: SetupOptions & ReferenceFlags): {
  readonly options: SetupOptions;
  readonly notes: readonly string[];
} {
  refuseWhatIsNotThere(given);
  const { forgeProvider, sourceRepoRoot, retainedRepoRoot, ...options } = given;
  const repoRoot = options.repoRoot ?? sourceRepoRoot ?? retainedRepoRoot;
  const unused = [
    ...others("--source-repo-root", sourceRepoRoot, repoRoot),
    ...others("--retained-repo-root", retainedRepoRoot, repoRoot),
    ...(given.vscodeWorkspaceFile === undefined ? [] : ["--vscode-workspace-file: no workspace file is made"]),
    ...(given.skipWorkspaceSync === true ? ["--skip-workspace-sync: no workspace file is made"] : []),
    ...(given.skipAnchorSync === true ? ["--skip-anchor-sync: setup makes no clone; the runtime does"] : []),
    ...(given.dashboardPort === undefined ? [] : ["--dashboard-port: there is no dashboard to start"]),
  ];
  return {
    options: {
      ...options,
      ...(repoRoot === undefined ? {} : { repoRoot }),
      ...((options.forge ?? forgeProvider) ? { forge: options.forge ?? (forgeProvider as ForgeProvider) } : {}),
    },
    notes: unused.map((text) => `Without effect: ${text}.`),
  };
}

function refuseWhatIsNotThere({ forgeProvider, startDashboard, ...given }: ReferenceFlags): void {
  const gitea = (["giteaBaseUrl", "giteaToken", "giteaUsername", "giteaPassword"] as const).some(
    (name) => given[name] !== undefined,
  );
  if (forgeProvider === "gitea" || gitea) {
    throw new UserError(
      "Gitea is not worked with: only GitHub, what speaks its API (--api-url and --git-url), and the local forge. Give --forge github or --forge local.",
      { exitCode: 64 },
    );
  }
  if (forgeProvider !== undefined && !(forgeProviders as readonly string[]).includes(forgeProvider)) {
    throw new UserError(`--forge-provider "${forgeProvider}" is not known. Give ${forgeProviders.join(" or ")}.`, {
      exitCode: 64,
    });
  }
  if (startDashboard === true) {
    throw new UserError(
      'There is no dashboard to start yet. Leave --start-dashboard out; "acp runtime status" shows what runs.',
      { exitCode: 64 },
    );
  }
}

const others = (flag: string, path: string | undefined, taken: string | undefined): readonly string[] =>
  path === undefined || path === taken ? [] : [`${flag}: the one checkout that is read is ${taken}`];
