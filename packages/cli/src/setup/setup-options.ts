import type { ForgeProvider } from "@agent-control-plane/core";

/** The flags of `acp setup`. What is undefined is asked for, or proposed by what is found. */
export interface SetupOptions {
  readonly repoRoot?: string;
  readonly repoSlug?: string;
  readonly profileId?: string;
  readonly forge?: ForgeProvider;
  readonly forgeProvider?: ForgeProvider;
  readonly apiUrl?: string;
  readonly gitUrl?: string;
  readonly agentRoot?: string;
  readonly worktreeRoot?: string;
  readonly agentRepoRoot?: string;
  /** A backend's name. */
  readonly codingWorker?: string;
  readonly model?: string;
  readonly shellCommand?: string;
  readonly passEnv?: readonly string[];
  readonly workerLogin?: string;
  readonly verify?: readonly string[];
  readonly allowMissingRepo?: boolean;
  readonly tokenStdin?: boolean;
  readonly ghAuthLogin?: boolean;
  readonly installMissingDeps?: boolean;
  readonly installMissingBackend?: boolean;
  readonly createStarterIssues?: boolean;
  readonly starterIssue?: readonly string[];
  readonly startRuntime?: boolean;
  readonly sync?: boolean;
  readonly installService?: boolean;
  readonly installLaunchd?: boolean;
  readonly startDashboard?: boolean;
  readonly dashboardPort?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly plan?: boolean;
  readonly yes?: boolean;
  readonly nonInteractive?: boolean;
  readonly json?: boolean;
}
