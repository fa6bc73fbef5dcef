import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  type Clock,
  type HostLimits,
  type Jobs,
  KnownItems,
  type Log,
  observeHost,
  type Profile,
  type Project,
  policyOf,
  rememberSecretLines,
  type Store,
  secretVariables,
  storePath,
  storeWithoutSecrets,
} from "@agent-control-plane/core";
import {
  type ConnectedRepository,
  connectRepository,
  createDeliverers,
  createSecretScanner,
  type Gate,
  openGate,
} from "@agent-control-plane/reconcile";
import {
  createConversations,
  createProfileWorktrees,
  createSessionRunner,
  keyNamesOf,
  passedNames,
} from "@agent-control-plane/runners";
import { templateFolders, wrapperEntry } from "../assets.ts";
import type { CliContext } from "../context.ts";
import { forgeTokensIn } from "./forge-tokens.ts";
import { hostResources } from "./host-resources.ts";
import { type ForgeAccess, resolveForge } from "./resolve-forge.ts";

export interface Surroundings {
  readonly context: Pick<CliContext, "home" | "env">;
  readonly runtimeId: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly jobs: Jobs;
  /** Asked at each tick: they may change while a daemon runs. */
  readonly hostLimits: () => HostLimits;
  /** What a project of this profile knew of the repository's items before; without it: read from the store. */
  readonly known?: KnownItems;
}

export interface OpenProject {
  readonly profile: Profile;
  readonly forge: ForgeAccess;
  readonly gate: Gate;
  readonly repository: ConnectedRepository;
  readonly project: Project & { readonly intervalMs: number };
  readonly deliverers: ReturnType<typeof createDeliverers>;
}

/** The composition root of one profile: every shell the scheduler acts through is made here, from the profile alone. */
export async function openProject(profile: Profile, around: Surroundings): Promise<OpenProject> {
  const { context, store, clock, log, runtimeId, jobs } = around;
  const forge = await resolveForge(context, profile);
  const gate = openGate({
    apiUrl: forge.apiUrl,
    token: forge.token,
    tokenOrigin: forge.tokenOrigin,
    cooldowns: store.cooldowns,
    clock,
    actor: runtimeId,
    timeoutMs: profile.forge.requestTimeoutMs,
    // GitHub asks for a second between writes; a forge on this machine does not.
    pace: { ...profile.forge.pace, store: store.pace },
    writeGapMs: profile.forge.provider === "github" ? 1_000 : 0,
  });
  const repository = connectRepository(
    gate,
    { owner: profile.repo.owner, repo: profile.repo.name },
    { cache: store.forgeCache, clock },
  );
  const worktrees = createProfileWorktrees({
    profile,
    remote: { url: `${forge.gitUrl}/${profile.repo.slug}.git`, token: forge.token },
    defaultBranch: async () => profile.repo.defaultBranch ?? (await repository.source.repository()).defaultBranch,
    log,
    poolSize: profile.runtime.worktreePoolSize,
  });
  // Whatever a session is given, or could find, must not come back in what we publish.
  for (const value of [...forgeTokensIn(context.env), ...passedSecrets(profile, context.env)])
    rememberSecretLines(value);
  const runner = createSessionRunner({
    profile,
    storePath: storePath(context.home),
    wrapperEntry: wrapperEntry(),
    templateFolders: templateFolders(context.home, profile.id),
    env: context.env,
    secrets: [forge.token, ...forgeTokensIn(context.env)],
  });
  const secrets = createSecretScanner();
  const project = {
    profileId: profile.id,
    runtimeId,
    policy: policyOf(profile),
    publish: {
      profileId: profile.id,
      labels: profile.queue.labels,
      pullRequestLabels: profile.publish.labels,
      draft: profile.publish.draft,
      followUps: {
        mode: profile.queue.followUps === "off" ? "off" : "create",
        labels: profile.queue.followUpLabels,
        readyLabel: profile.queue.followUps === "ready" ? profile.queue.labels.ready : null,
      } as const,
    },
    retryLadder: profile.execution.retry.cooldownsMs,
    hasVerification: profile.verification.commands.length > 0,
    guards: profile.guards,
    leaseMs: profile.scheduler.leaseMs,
    heartbeatMs: profile.scheduler.heartbeatMs,
    intervalMs: profile.scheduler.intervalMs,
    runDirOf: (sessionId: string) => join(profile.runtime.runsRoot, sessionId),
    newSessionId: (taskId: number) => `s${taskId}-${randomBytes(4).toString("hex")}`,
    store: storeWithoutSecrets(store, secrets, log),
    host: () => observeHost({ store, clock }, around.hostLimits(), () => hostResources(context.home)),
    known: around.known ?? new KnownItems(store, profile.id),
    source: repository.source,
    worktrees,
    runner,
    resume: { policy: profile.execution.resume, conversations: createConversations({ profile }) },
    allowanceLeft: () => gate.budget()?.remaining ?? null,
    secrets,
    clock,
    log,
    jobs,
  };
  const deliverers = createDeliverers(repository.writes, {
    push: (push) => worktrees.push(push),
    head: (branch) => worktrees.remoteHead(branch),
  });
  return { profile, forge, gate, repository, project, deliverers };
}

function passedSecrets({ execution }: Profile, env: NodeJS.ProcessEnv): readonly string[] {
  const all = { ...env, ...execution.env.set };
  const { names, keys } = passedNames(execution, "here");
  return secretVariables(all, names, [...keyNamesOf(execution), ...keys]).flatMap((name) => all[name] ?? []);
}
