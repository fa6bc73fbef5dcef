// A forge, git and processes as small state machines in memory, around the real scheduler and a real store: what a
// runtime may rely on is there, and each of it can fail or stop between any two steps.
import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import {
  attend,
  type ContractOutcome,
  type ContractReading,
  type Ending,
  ForgeError,
  type ForgeFailure,
  type HostLimits,
  type HostResources,
  type Issue,
  isPublishing,
  issueLanes,
  Jobs,
  KnownItems,
  type LaneLimits,
  type Log,
  lanePayloadOf,
  type OutboxRow,
  observeHost,
  type ProcessMark,
  type Project,
  type Session,
  type SessionRunner,
  type Store,
  type Task,
  tick,
  type VerificationReport,
  type WorkSource,
  type WorkTraits,
} from "../../src/index.ts";
import { noSecrets, usualGuards } from "../support/guards.ts";
import { host, policy } from "../support/snapshots.ts";
import { type Life, mortal, mortalStore } from "./mortal-ports.ts";
import { SimulatedForge, type SimulatedPull } from "./simulated-forge.ts";
import { simulatedWorktrees } from "./simulated-worktrees.ts";

export const labels = policy().labels;

/** How an agent's session goes. */
export interface Fate {
  readonly lastsMs: number;
  /** As its stream names the model, where that is another name than it was asked for by. */
  readonly model?: string;
  readonly ending?: Partial<Ending>;
  readonly contract?: ContractReading;
  /** Files changed; 0 is an agent that did nothing. */
  readonly files?: number;
  readonly checksPass?: boolean;
  /** Its work makes a broken base pass. */
  readonly mends?: boolean;
  /** Its wrapper hangs: it hears no request to stop. */
  readonly deaf?: boolean;
}

/** A port that throws while it is on. */
export interface Faults {
  forge?: ForgeFailure | undefined;
  fetch?: boolean;
  create?: boolean;
  collect?: boolean;
  retire?: boolean;
  launch?: boolean;
  /** Wrappers die before they say a word. */
  wrapper?: boolean;
  /** The forge refuses these kinds of writes for good. */
  refuse?: readonly OutboxRow["kind"][];
}

interface Wrapped {
  readonly session: Session;
  readonly mark: ProcessMark;
  readonly fate: Fate;
  state: "spawned" | "marked" | "working" | "over";
  alive: boolean;
  /** The agent's own processes: they outlive a killed wrapper until they are reaped. */
  tree: boolean;
  startedAt: number;
  stopAsked: boolean;
}

/** One runtime: alive until it crashes, after which nothing it calls has any effect. */
export interface SimulatedRuntime {
  /** The first of its projects. */
  readonly project: Project;
  readonly projects: readonly Project[];
  readonly jobs: Jobs;
  readonly life: Life;
  readonly errors: string[];
  /** The same, with their fields. */
  readonly said: string[];
}

/** When a tick read the store, and the forge. */
interface Look {
  storedAt: number;
  at: number;
}

class WatchedItems extends KnownItems {
  readonly #begins: () => void;

  constructor(store: Store, profileId: string, begins: () => void) {
    super(store, profileId);
    this.#begins = begins;
  }

  override async load(): Promise<void> {
    this.#begins();
    await super.load();
  }
}

export interface RuntimeShape {
  /** Default: `demo` alone. */
  readonly profiles?: readonly string[];
  /** What the profiles share; default: places for all. */
  readonly host?: HostLimits;
}

export class World {
  readonly forge: SimulatedForge;
  readonly #forges = new Map<string, SimulatedForge>();
  /** Of each profile: when the forge was last looked at by a tick that has ended, and when that was. */
  readonly looks = new Map<string, Look & { readonly endedAt: number }>();
  /** Heads on which the profile's checks fail whatever the work. */
  readonly brokenHeads = new Set<string>();
  readonly folders = new Set<string>();
  readonly wrapped = new Map<string, Wrapped>();
  readonly #problems: string[] = [];
  readonly faults: Faults = {};
  launches = 0;
  /** Turned by each test: what the next agent will do. */
  fate: (session: Session) => Fate = () => ({ lastsMs: 60_000 });
  readonly #traits = new Map<number, WorkTraits>();
  #endings = new Map<string, Ending>();
  #names = 0;

  readonly clock: ManualClock;
  readonly store: Store;

  private constructor(store: Store, clock: ManualClock) {
    this.store = store;
    this.clock = clock;
    this.forge = this.forgeOf("demo");
  }

  forgeOf(profileId: string): SimulatedForge {
    const forge = this.#forges.get(profileId) ?? new SimulatedForge(this.clock);
    this.#forges.set(profileId, forge);
    return forge;
  }

  get issues(): ReadonlyMap<number, Issue> {
    return this.forge.issues;
  }

  get pulls(): readonly SimulatedPull[] {
    return this.forge.pulls;
  }

  get comments(): readonly string[] {
    return this.forge.comments;
  }

  /** What must never be, and was. */
  get problems(): readonly string[] {
    return [...this.#problems, ...[...this.#forges.values()].flatMap(({ problems }) => problems)];
  }

  static async make(): Promise<World> {
    const clock = new ManualClock();
    const { store } = await temporaryStore({ clock });
    return new World(store, clock);
  }

  addIssue(number: number, over: Partial<Issue> = {}): void {
    this.forge.addIssue(number, over);
  }

  changeIssue(number: number, change: (issue: Issue) => Partial<Issue>): void {
    this.forge.changeIssue(number, change);
  }

  label(number: number, change: { readonly add?: readonly string[]; readonly remove?: readonly string[] }): void {
    this.forge.label(number, change);
  }

  runtime(
    id: string,
    over: Partial<Project["policy"]> = {},
    limits: Partial<LaneLimits> = {},
    { profiles = ["demo"], host: shared }: RuntimeShape = {},
  ): SimulatedRuntime {
    const life: Life = { dead: false, callsLeft: Number.POSITIVE_INFINITY, frozenUntil: 0, takesMs: () => 0 };
    const slow = () => life.takesMs();
    const errors: string[] = [];
    const said: string[] = [];
    const log: Log = {
      debug() {},
      info() {},
      warn: () => {},
      error: (message, fields) => {
        errors.push(`${message}: ${String(fields?.error ?? "")}`);
        said.push(`${message} ${JSON.stringify(fields)}`);
      },
    };
    const jobs = new Jobs(log, this.clock);
    const store = mortalStore(this.store, life, this.clock);
    const runner = mortal(this.#runner(), life, this.clock);
    const made = profiles.map((profileId): Project => {
      const look: Look = { storedAt: 0, at: -1 };
      return {
        profileId,
        runtimeId: id,
        policy: policy(
          { profileId, maxAttempts: 3, lanes: issueLanes, ...over },
          { workers: 2, launchesPerTick: 2, ...limits },
        ),
        publish: { profileId, labels: policy().labels, pullRequestLabels: [], draft: false },
        retryLadder: [300_000, 900_000],
        hasVerification: true,
        guards: usualGuards,
        secrets: noSecrets,
        leaseMs: 60_000,
        heartbeatMs: 15_000,
        runDirOf: (sessionId) => `/runs/${sessionId}`,
        newSessionId: (taskId) => `s${taskId}-${++this.#names}`,
        store: { ...store, decisions: this.#endOfTick(store.decisions, profileId, look) },
        known: new WatchedItems(store, profileId, () => {
          look.storedAt = this.clock.now();
        }),
        host: async () =>
          shared
            ? observeHost({ store, clock: this.clock }, shared, () => freeHost)
            : { ...host(), slots: await store.tasks.slotsHeld() },
        source: mortal(this.#source(profileId, look), life, this.clock, slow),
        worktrees: mortal(
          simulatedWorktrees(this, this.forgeOf(profileId), () => this.#refuse()),
          life,
          this.clock,
          slow,
        ),
        runner,
        clock: this.clock,
        log,
        jobs,
      };
    });
    const [project] = made;
    if (!project) throw new Error(`Runtime ${id} has no profile`);
    return { project, projects: made, jobs, life, errors, said };
  }

  #endOfTick(decisions: Store["decisions"], profileId: string, look: Look): Store["decisions"] {
    return {
      ...decisions,
      replace: async (...args) => {
        const { at, storedAt } = look;
        look.at = -1;
        await decisions.replace(...args);
        if (at >= 0) this.looks.set(profileId, { at, storedAt, endedAt: this.clock.now() });
      },
    };
  }

  /** Lets everything go on that waits for no time. */
  async flush(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done));
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.flush();
  }

  /** What a living daemon, its wrappers and the forge do for so long: a tick each 30 s, a look each 5 s. */
  async live(runtime: SimulatedRuntime, ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 5_000) {
      if (passed % 30_000 === 0) await this.orLog(runtime, () => tick(runtime.project, { draining: false }));
      else await this.orLog(runtime, () => attend(runtime.project));
      await this.flush();
      await this.deliverAll(runtime);
      await this.stepWrappers();
      await this.pass(5_000);
    }
  }

  /** As the loop does: a pass that fails is a line in the log. */
  async orLog(runtime: SimulatedRuntime, work: () => Promise<unknown>): Promise<void> {
    await work().catch((error: unknown) => runtime.errors.push(`pass failed: ${error}`));
  }

  async task(number: number): Promise<Task | undefined> {
    return (await this.store.tasks.list({ queue: "demo", subject: `issue:${number}` })).at(-1);
  }

  async heldBecause(number: number): Promise<string | undefined> {
    return (await this.store.decisions.list("demo")).find((one) => one.subject === `issue:${number}`)?.reason;
  }

  /** Every wrapper takes one step. */
  async stepWrappers(): Promise<void> {
    for (const one of this.wrapped.values()) if (one.alive) await this.#step(one);
    this.#look();
  }

  /** The agent ends by itself, now. */
  finishAgent(sessionId: string): void {
    const one = this.wrapped.get(sessionId);
    if (one) this.#finish(one, {});
  }

  killWrapper(sessionId: string): void {
    const one = this.wrapped.get(sessionId);
    if (one) one.alive = false;
  }

  liveWrappers(): readonly string[] {
    return [...this.wrapped.values()].filter((one) => one.alive).map((one) => one.session.id);
  }

  /** Trees of agents, whether or not their wrapper lives. */
  trees(): readonly Session[] {
    return [...this.wrapped.values()].filter((one) => one.tree).map((one) => one.session);
  }

  /** Whether the work of a session has this trait, as its task was made. */
  isOf(session: Session, trait: keyof WorkTraits): boolean {
    return this.#traits.get(session.taskId)?.[trait] === true;
  }

  /** One row of the outbox; false when nothing is due. `lose` drops the forge's reply. */
  async deliver(runtime: SimulatedRuntime, lose: () => boolean = () => false): Promise<boolean> {
    const { outbox } = runtime.project.store;
    const owner = runtime.project.runtimeId;
    const row = await outbox.claim({
      owner,
      claimMs: 120_000,
      profileIds: runtime.projects.map(({ profileId }) => profileId),
    });
    if (!row) return false;
    const forge = this.forgeOf(row.profileId);
    const later = this.clock.now() + 5_000;
    if (this.faults.forge) {
      await outbox.retryLater(row.id, owner, "away", later, row.sendStartedAt !== null);
      return true;
    }
    const settled = row.sendStartedAt === null ? undefined : forge.applied(row);
    if (settled !== undefined) {
      await outbox.sent(row.id, owner, settled);
      return true;
    }
    if (row.sendStartedAt !== null && isPublishing(row.kind)) {
      // Not there: it is sent anew only after a tick (they come every half minute here) could take it back.
      await outbox.waits(row.id, owner, "not there", this.clock.now() + 31_000, false);
      return true;
    }
    const sendsAt = this.clock.now();
    if ((await outbox.sendStarts(row.id, owner)) !== "applied") return true;
    const refusal = this.faults.refuse?.includes(row.kind) ? "refused" : forge.refusalOf(row);
    if (refusal) {
      await outbox.failed(row.id, owner, refusal);
      return true;
    }
    const needed = row.needsId === null ? null : ((await outbox.get(row.needsId))?.result ?? null);
    await this.#mustBeWanted(runtime.project, row, sendsAt);
    const result = forge.apply(row, needed);
    if (lose()) await outbox.retryLater(row.id, owner, "reply lost", later, true);
    else await outbox.sent(row.id, owner, result);
    return true;
  }

  /**
   * A tick that looked at the forge after a person had said stop has taken back what was not being sent by then. An
   * edit stops what is about an issue, unless the profile goes on with the text that it has and a person who may write
   * made it; a push stops what is about a pull request.
   */
  async #mustBeWanted({ policy }: Project, row: OutboxRow, sendsAt: number): Promise<void> {
    if (row.kind !== "push-branch" && row.kind !== "open-pull-request") return;
    const task = row.taskId === null ? null : await this.store.tasks.get(row.taskId);
    const number = Number(task?.subject.split(":")[1]);
    const forge = this.forgeOf(row.profileId);
    const item = forge.issues.get(number) ?? forge.pulls.find((pull) => pull.number === number);
    const look = this.looks.get(row.profileId);
    if (!task || !item || !look) return;
    if ((forge.lastActs.get(number) ?? 0) >= look.at || look.endedAt >= sendsAt) return;
    // What was concluded while that tick looked, the next one sees.
    if ((task.finishedAt ?? look.storedAt) >= look.storedAt) return;
    const isIssue = forge.issues.has(number);
    const isEdited = isIssue && (task.payload as { title?: string }).title !== item.title;
    const goesOn = policy.onDrift === "continue" && !forge.isVoided(number, labels.ready);
    const against = [
      ...(item.state === "open" ? [] : ["closed"]),
      ...(item.labels.includes(labels.hold) ? ["held"] : []),
      ...(isIssue && !item.labels.includes(labels.ready) ? ["not opted in"] : []),
      ...(isEdited && !goesOn ? ["edited"] : []),
    ];
    if (against.length > 0)
      this.#problems.push(`${row.idempotencyKey} was sent at ${sendsAt}, although it is ${against.join(", ")}`);
  }

  async deliverAll(runtime: SimulatedRuntime): Promise<void> {
    while (await this.deliver(runtime));
  }

  async #step(one: Wrapped): Promise<void> {
    const { tasks, sessions } = this.store;
    const { session } = one;
    const key = { taskId: session.taskId, term: session.term };
    if (one.state === "spawned") {
      if (this.faults.wrapper) one.alive = false;
      else one.state = "marked";
      return;
    }
    if (one.state === "marked") {
      if ((await sessions.start(session.id, session.term, one.mark)) === "lost") one.alive = false;
      else Object.assign(one, { state: "working", tree: true, startedAt: this.clock.now() });
      const { model } = one.fate;
      const report = { sessionId: session.id, term: session.term, within: { from: 0, until: 1 } };
      if (model) await this.store.spend.report({ ...report, spend: { usage: {}, costKind: null, model } });
      return;
    }
    if (one.state === "over") {
      const ending = this.#endings.get(session.id);
      if (ending) await sessions.end(session.id, session.term, ending);
      one.alive = false;
      return;
    }
    const beat = await tasks.heartbeat(key, 60_000);
    const past = this.clock.now() - one.startedAt >= one.fate.lastsMs;
    if (one.fate.deaf) return;
    if (beat === "lost") this.#finish(one, { exitReason: "lost", failureReason: "lease-lost" });
    else if (beat.cancelRequested || one.stopAsked) this.#finish(one, { exitReason: "stopped" });
    else if (past) this.#finish(one, one.fate.ending ?? {});
  }

  #finish(one: Wrapped, ending: Partial<Ending>): void {
    one.state = "over";
    one.tree = false;
    this.#endings.set(one.session.id, {
      exitReason: "finished",
      failureReason: null,
      exitCode: 0,
      signal: null,
      startedAt: one.startedAt,
      endedAt: this.clock.now(),
      nativeSessionId: null,
      usage: {},
      retryAt: null,
      summary: "",
      processes: { killed: 0, survivors: 0 },
      ...ending,
    });
  }

  #look(): void {
    const perSubject = new Map<string, string>();
    for (const session of this.trees()) {
      const subject = `${session.profileId} ${session.subject}`;
      const other = perSubject.get(subject);
      if (other) this.#problems.push(`${other} and ${session.id} work on ${subject} at once`);
      perSubject.set(subject, session.id);
      if (!this.folders.has(session.id)) this.#problems.push(`${session.id} works in a folder that is gone`);
    }
  }

  #refuse(): void {
    if (this.faults.forge) throw new ForgeError(this.faults.forge, `forge is ${this.faults.forge}`);
  }

  #source(profileId: string, look: Look): WorkSource {
    const source = this.forgeOf(profileId).source(async (value) => {
      // A tick of which one request fails has seen nothing, whatever the requests before it showed.
      if (this.faults.forge) look.at = -1;
      this.#refuse();
      return value();
    });
    // The first request of a tick: what people did before it, the tick sees.
    const branchHead: WorkSource["branchHead"] = async (branch) => {
      look.at = -1;
      const head = await source.branchHead(branch);
      look.at = this.clock.now();
      return head;
    };
    return { ...source, branchHead };
  }

  #runner(): SessionRunner {
    const of = (session: Session) => this.wrapped.get(session.id);
    const spawn = async (session: Session, fate: Fate) => {
      if (this.faults.launch) throw new Error("no more processes");
      this.launches += 1;
      const mark = { pid: this.launches, startedMark: session.id };
      this.wrapped.set(session.id, {
        ...{ session, mark, fate, state: "spawned", alive: true, tree: false, startedAt: 0, stopAsked: false },
      });
    };
    const report = (passed: boolean): VerificationReport => ({
      passed,
      commands: [{ name: "test", command: "npm test", exitCode: passed ? 0 : 1, durationMs: 1, tail: "" }],
    });
    return {
      launchAgent: (session, task) => {
        this.#traits.set(task.id, lanePayloadOf(task).traits);
        return spawn(session, this.fate(session));
      },
      launchVerification: (session, ofSession) => {
        // On a sound base it is the work that fails the checks.
        const ofBase = session.startSha === ofSession.startSha;
        const isMended = !ofBase && this.wrapped.get(ofSession.id)?.fate.mends === true;
        const isBroken = this.brokenHeads.has(ofSession.startSha) && !isMended;
        const passes = !isBroken && (ofBase || (this.wrapped.get(ofSession.id)?.fate.checksPass ?? true));
        return spawn(session, {
          lastsMs: 5_000,
          checksPass: passes,
          ...(passes ? {} : { ending: { exitReason: "failed" } }),
        });
      },
      wrapperOf: (session) => {
        const one = of(session);
        return one && one.state !== "spawned" ? one.mark : null;
      },
      isAlive: (mark) => [...this.wrapped.values()].some((one) => one.mark.pid === mark.pid && one.alive),
      ending: (session) => this.#endings.get(session.id) ?? null,
      contract: (session) => of(session)?.fate.contract ?? usualContract(session.lane),
      verification: (session) =>
        this.#endings.get(session.id) &&
        ["finished", "failed"].includes(this.#endings.get(session.id)?.exitReason ?? "")
          ? report(of(session)?.fate.checksPass ?? true)
          : null,
      keepEvidence: () => {},
      stop: (session) => {
        const one = of(session);
        if (one) one.stopAsked = true;
      },
      reap: async (session) => {
        const one = of(session);
        if (one && !one.alive) one.tree = false;
        return { killed: 0, survivors: 0 };
      },
    };
  }
}

const freeHost: HostResources = { freeMemoryMb: 8_192, freeDiskMb: 65_536, loadPerCpu: 0.1 };

export const said = (
  outcome: ContractOutcome,
  detail = "as it should be",
): Extract<ContractReading, { kind: "valid" }> => ({
  ...{ kind: "valid", outcome, detail, title: null, body: null, commitMessage: null, failureReason: null },
});

/** What an agent reports when all goes well; of a change the tree tells. */
function usualContract(lane: string): ContractReading {
  if (lane === "scheduled-check") return said("reported");
  return lane === "pr-review" ? said("approved") : { kind: "missing" };
}
