import type { ForgeProvider } from "@agent-control-plane/core";

export interface InitOptions {
  readonly profileId: string;
  readonly repoSlug?: string;
  readonly repoRoot?: string;
  readonly agentRoot?: string;
  readonly worktreeRoot?: string;
  /** A backend's name. */
  readonly codingWorker?: string;
  readonly shellCommand?: string;
  /** As the worker's program names it. */
  readonly model?: string;
  readonly forge: ForgeProvider;
  readonly apiUrl?: string;
  readonly gitUrl?: string;
  readonly tokenStdin?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}
