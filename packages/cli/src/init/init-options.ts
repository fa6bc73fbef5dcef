import type { ForgeProvider, VerificationCommand } from "@agent-control-plane/core";

export interface InitOptions {
  readonly profileId: string;
  readonly repoSlug?: string;
  readonly repoRoot?: string;
  readonly agentRoot?: string;
  readonly worktreeRoot?: string;
  /** Where the bare clone goes, from which worktrees are made. */
  readonly agentRepoRoot?: string;
  /** A backend's name. */
  readonly codingWorker?: string;
  readonly shellCommand?: string;
  /** As the worker's program names it. */
  readonly model?: string;
  /** Where a login of the person's for the worker's program lies. */
  readonly login?: string;
  /** Names of variables that sessions get from the runtime's environment. */
  readonly passEnv?: readonly string[];
  /** Instead of those that are found in the checkout. */
  readonly verification?: readonly VerificationCommand[];
  readonly forge: ForgeProvider;
  readonly apiUrl?: string;
  readonly gitUrl?: string;
  readonly tokenStdin?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}
