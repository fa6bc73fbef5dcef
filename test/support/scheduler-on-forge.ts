// One profile as the scheduler works on it, with real reads and writes of a forge, and without anything that could start
// a session. For tests and for the benchmark of ticks.
import {
  type Clock,
  type HostView,
  Jobs,
  KnownItems,
  type Log,
  type Project,
  parseProfile,
  policyOf,
  type SecretScanner,
  type SessionRunner,
  type Store,
  type Worktrees,
} from "@agent-control-plane/core";
import {
  connectRepository,
  createDeliverers,
  deliverAll,
  openGate,
  type SentRequest,
} from "@agent-control-plane/reconcile";
import { backends } from "@agent-control-plane/runners/backends";

export interface SchedulerOnForge {
  readonly project: Project;
  /** What the outbox holds, after the jobs under way. */
  readonly deliver: () => Promise<unknown>;
}

export function schedulerOnForge(of: {
  readonly id: string;
  readonly slug: string;
  readonly profileText?: string;
  readonly apiUrl: string;
  readonly token: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly host?: () => Promise<HostView>;
  readonly onRequest?: (request: SentRequest) => void;
}): SchedulerOnForge {
  const { id, slug, store, clock, apiUrl, token } = of;
  const onRequest = of.onRequest ?? (() => {});
  const gate = openGate({
    ...{ apiUrl, token, tokenOrigin: "test", cooldowns: store.cooldowns, clock, actor: "test", onRequest },
  });
  const [owner = "", repo = ""] = slug.split("/");
  const repository = connectRepository(gate, { owner, repo }, { cache: store.forgeCache, clock });
  const deliverers = createDeliverers(repository.writes, { push: refuse, head: refuse });
  const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
  const parsed = parseProfile({
    text: `id: ${id}\nrepo: { slug: ${slug} }\nexecution: { shell: { command: "true" } }\n${of.profileText ?? ""}`,
    file: `/profiles/${id}.yaml`,
    env: { HOME: "/home" },
    runtimeHome: "/runtime",
    backends,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { profile } = parsed;
  const project: Project = {
    profileId: id,
    runtimeId: "test",
    policy: policyOf(profile),
    publish: { profileId: id, labels: profile.queue.labels, pullRequestLabels: [], draft: false },
    retryLadder: [300_000],
    hasVerification: false,
    guards: profile.guards,
    secrets: absent<SecretScanner>(),
    leaseMs: 60_000,
    heartbeatMs: 15_000,
    runDirOf: (sessionId) => `/runs/${sessionId}`,
    newSessionId: (taskId) => `s${taskId}`,
    store,
    host: of.host ?? (async () => idleHost),
    known: new KnownItems(store, id),
    source: repository.source,
    worktrees: { ...absent<Worktrees>(), baseBranch: async () => "main", onDisk: async () => [] },
    runner: absent<SessionRunner>(),
    clock,
    log,
    jobs: new Jobs(log, clock),
  };
  const deliver = async () => {
    await project.jobs.settled();
    return deliverAll({ outbox: store.outbox, deliverers, owner: "test", profileIds: [id], clock, claimMs: 120_000 });
  };
  return { project, deliver };
}

const idleHost: HostView = { maxWorkers: 100, load: new Map(), providers: new Map(), refusal: null };

async function refuse(): Promise<never> {
  throw new Error("nothing is started or pushed in these tests");
}

/** Each method refuses. */
const absent = <T extends object>(): T => new Proxy({} as T, { get: () => refuse });
