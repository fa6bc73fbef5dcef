import { existsSync } from "node:fs";
import {
  claimRoots,
  ForgeError,
  labelSpecs,
  loadProfile,
  missingLabels,
  openStore,
  type Profile,
  policyOf,
  readOwnership,
  rootsToOwn,
  storePath,
  systemClock,
} from "@agent-control-plane/core";
import { connectRepository, openGate } from "@agent-control-plane/reconcile";
import { createProfileWorktrees } from "@agent-control-plane/runners";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { resolveForge } from "../runtime/resolve-forge.ts";
import { silentLog } from "../runtime/silent-log.ts";
import { selectProfileId } from "../select-profile.ts";

export interface AdoptOptions {
  readonly profileId?: string;
  readonly skipAnchorSync?: boolean;
  readonly json?: boolean;
}

interface Adopted {
  readonly profileId: string;
  readonly folders: readonly { readonly path: string; readonly state: "made" | "there" | "not-ours" }[];
  readonly anchor: { readonly path: string; readonly state: "synced" | "skipped"; readonly branch: string | null };
  readonly labels: { readonly made: readonly string[]; readonly there: number };
  readonly warnings: readonly string[];
}

/**
 * Makes what a profile needs before its first tick: its folders with our mark, the anchor with the base branch, the
 * labels. Safe to repeat. Nothing in the person's checkout is read or written.
 */
export async function adoptProfile(context: CliContext, options: AdoptOptions): Promise<void> {
  const id = selectProfileId(context, options.profileId);
  const profile = loadProfile(context.home, id, context.env, backends);
  const roots = rootsToOwn(profile);
  const there = new Set(roots.filter((root) => existsSync(root)));
  claimRoots(profile);
  const folders = roots.map((path) => ({
    path,
    state: readOwnership(path)?.profileId !== id ? ("not-ours" as const) : there.has(path) ? "there" : "made",
  })) as Adopted["folders"];
  const onForge = options.skipAnchorSync === true ? null : await syncWithForge(context, profile);
  const adopted: Adopted = {
    profileId: id,
    folders,
    anchor: {
      path: profile.runtime.agentRepoRoot,
      state: onForge === null ? "skipped" : "synced",
      branch: onForge?.branch ?? null,
    },
    labels: onForge?.labels ?? { made: [], there: 0 },
    warnings: [
      ...folders
        .filter(({ state }) => state === "not-ours")
        .map(
          ({ path }) => `${path} held files before and does not carry our mark; "acp profile remove" will leave it.`,
        ),
      ...(onForge?.warnings ?? []),
    ],
  };
  if (options.json === true) context.output.json(adopted);
  else describe(context, adopted);
}

async function syncWithForge(context: CliContext, profile: Profile) {
  const forge = await resolveForge(context, profile);
  const store = await openStore({ path: storePath(context.home) });
  try {
    const gate = openGate({
      ...{ apiUrl: forge.apiUrl, token: forge.token, tokenOrigin: forge.tokenOrigin, actor: "cli" },
      ...{ cooldowns: store.cooldowns, clock: systemClock, timeoutMs: profile.forge.requestTimeoutMs },
      pace: { ...profile.forge.pace, store: store.pace },
    });
    const { owner, name: repo } = profile.repo;
    const { source, writes } = connectRepository(
      gate,
      { owner, repo },
      { cache: store.forgeCache, clock: systemClock },
    );
    const repository = await source.repository();
    const worktrees = createProfileWorktrees({
      profile,
      remote: { url: `${forge.gitUrl}/${profile.repo.slug}.git`, token: forge.token },
      defaultBranch: async () => profile.repo.defaultBranch ?? repository.defaultBranch,
      log: silentLog,
    });
    const { branch } = await worktrees.fetchBase();
    const specs = labelSpecs(policyOf(profile));
    const missing = missingLabels(specs, await source.labelNames());
    const made: string[] = [];
    for (const label of repository.canPush ? missing : []) {
      await writes.createLabel(label).catch(unlessThere);
      made.push(label.name);
    }
    const warnings =
      repository.canPush || missing.length === 0
        ? []
        : [`The token may not write to ${profile.repo.slug}: ${missing.length} label(s) were not made.`];
    return { branch, labels: { made, there: specs.length - missing.length }, warnings };
  } finally {
    await store.close();
  }
}

/** Somebody, a running daemon perhaps, made it in the same moment. */
function unlessThere(error: unknown): void {
  if (!(error instanceof ForgeError) || error.details.status !== 422) throw error;
}

function describe({ output }: CliContext, { folders, anchor, labels, warnings, profileId }: Adopted): void {
  const words = { made: "made", there: "there already", "not-ours": "there, not ours" };
  for (const { path, state } of folders) output.print(`${words[state]}: ${path}`);
  output.print(
    anchor.state === "skipped"
      ? `not looked at: ${anchor.path}, and the forge`
      : `in step with ${anchor.branch}: ${anchor.path}`,
  );
  if (anchor.state === "synced") {
    output.print(`labels: ${labels.made.length} made, ${labels.there} there already`);
  }
  for (const warning of warnings) output.note(`${output.noteStyle.yellow("warning:")} ${warning}`);
  output.print(`Next: acp runtime start --profile-id ${profileId}`);
}
