import type { Json } from "../domain/json.ts";
import type { ProcessMark } from "../domain/session.ts";
import type { Millis } from "../domain/time.ts";
import type { Clock, Log } from "../ports.ts";
import type { RuntimeRow, Store } from "../store/store.ts";
import type { Jobs } from "./jobs.ts";
import { LabelRounds } from "./keep-labels.ts";
import { type Bounds, RetentionRounds } from "./keep-within-bounds.ts";
import type { Project } from "./project.ts";
import { attend, type TickReport, tick } from "./tick.ts";

export type RuntimeProject = Project & { readonly intervalMs: Millis };

export interface RuntimeOptions {
  readonly id: string;
  readonly process: ProcessMark;
  readonly host: string;
  readonly version: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly jobs: Jobs;
  /** Asked once a pass: rules may change and projects come and go, but not under a tick that is under way. */
  readonly projects: () => readonly RuntimeProject[];
  /** Told before each pass, while no tick is under way: the moment to put new rules in force. */
  readonly refresh?: () => void;
  /** What keeps the newest rules of a profile (or of the host) from being in force, for `status`. */
  readonly rulesProblems?: () => Readonly<Record<string, Json>>;
  /** What of each profile's rules others may want to know without reading them; stands in the daemon's row, too. */
  readonly facts?: () => Readonly<Record<string, Json>>;
  /** Once a pass: of these profiles those that somebody wants looked at before their next tick. */
  readonly asked?: (profileIds: readonly string[]) => ReadonlySet<string>;
  /** What is left of the forge's allowances, as last told; goes with the heartbeat, and is no reason to write one. */
  readonly allowances?: () => readonly Json[];
  /** Delivers what is due in the outbox. */
  readonly deliver: () => Promise<void>;
  /** What is to be kept within bounds, and which. */
  readonly bounds?: () => Bounds;
  /** Told after each pass, and while it drains: a loop that hangs tells nothing, whatever else of the process lives. */
  readonly onPass?: () => void;
  /** Between ticks, how often sessions and the outbox are looked after; more often where a project ticks faster. */
  readonly attendMs: Millis;
  /** Asked when draining begins. */
  readonly drainMs: () => Millis;
}

/** How `stop` treats live sessions: `end` drains and then ends them, `keep` leaves them to the next runtime. */
export type StopMode = "end" | "keep";

const reportMs = 10_000;

/** However often somebody asks, ticks lie so far apart. */
const soonestMs = 5_000;

/** While sessions are under way, how often they are looked after: people wait for the next step then. */
const busyMs = 250;

/** After live sessions were asked to stop at the drain's deadline, how long until we leave without them. */
const stopWaitMs = 45_000;

/**
 * The loop: every project ticks at its own interval, and between ticks what is under way is attended to. A tick that
 * fails is logged and tried again at the next interval; nothing here may end the loop but `stop`, and a stop ends.
 */
export class Runtime {
  readonly #options: RuntimeOptions;
  readonly #startedAt: number;
  readonly #nextTick = new Map<string, number>();
  readonly #tickedAt = new Map<string, number>();
  readonly #reports = new Map<string, TickReport | { readonly error: string }>();
  readonly #labels = new LabelRounds();
  readonly #retention = new RetentionRounds();
  readonly #wake = new AbortController();
  #stopMode: StopMode | null = null;
  #isHurried = false;
  #state: RuntimeRow["state"] = "starting";
  #isBusy = false;
  #reported = { at: 0, state: "", said: "" };

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /** Runs until `stop`. `onReady` fires after the first tick of every project, whatever it found. */
  async run(onReady: (reports: ReadonlyMap<string, TickReport | { readonly error: string }>) => void): Promise<void> {
    // Known before anything is begun: whoever comes after a kill finds by this row what was ours.
    await this.#report("starting");
    await this.#passAll();
    await this.#report("ready");
    onReady(this.#reports);
    while (this.#stopMode === null) {
      await this.#options.clock.sleep(this.#restMs(), this.#wake.signal);
      if (this.#stopMode === null) await this.#passAll();
    }
    if (this.#stopMode === "end") await this.#drain();
    await this.#options.jobs.settled();
    await this.#options.store.runtimes
      .remove(this.#options.id)
      .catch((error: unknown) => this.#options.log.error("runtime could not sign off", { error }));
  }

  /** A second call may only shorten: sessions that were left or waited for are ended now. */
  stop(mode: StopMode): void {
    if (this.#stopMode !== null && mode === "end") this.#isHurried = true;
    this.#stopMode = this.#stopMode === null || mode === "end" ? mode : this.#stopMode;
    this.#wake.abort();
  }

  #restMs(): Millis {
    const { attendMs, projects } = this.#options;
    return Math.min(attendMs, this.#isBusy ? busyMs : attendMs, ...projects().map(({ intervalMs }) => intervalMs));
  }

  async #passAll(): Promise<void> {
    const { jobs, deliver, log, clock, bounds } = this.#options;
    this.#isBusy = false;
    const projects = this.#refreshed();
    await this.#forgetDeadRuntimes().catch((error: unknown) => log.error("dead runtimes not forgotten", { error }));
    this.#hurry(projects);
    await Promise.all(projects.map((project) => this.#pass(project)));
    jobs.start("outbox", deliver);
    if (bounds) this.#retention.start(clock, jobs, bounds);
    await this.#tryToReport(this.#state);
    this.#options.onPass?.();
  }

  /** The projects of this pass; what was known of those that are gone is forgotten. */
  #refreshed(): readonly RuntimeProject[] {
    const { refresh, projects, log } = this.#options;
    try {
      refresh?.();
    } catch (error) {
      log.error("changed rules not looked for", { error });
    }
    const current = projects();
    const ids = new Set(current.map(({ profileId }) => profileId));
    for (const known of [this.#nextTick, this.#tickedAt, this.#reports])
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    return current;
  }

  /** What somebody asked for ticks in this pass, or as soon as its last tick is long enough ago. */
  #hurry(projects: readonly RuntimeProject[]): void {
    const { asked, clock, log } = this.#options;
    try {
      const hurried = asked?.(projects.map(({ profileId }) => profileId));
      for (const { profileId } of projects) {
        if (!hurried?.has(profileId)) continue;
        const soonest = Math.max(clock.now(), (this.#tickedAt.get(profileId) ?? 0) + soonestMs);
        this.#nextTick.set(profileId, Math.min(this.#nextTick.get(profileId) ?? 0, soonest));
      }
    } catch (error) {
      log.error("not seen whether somebody asks for a look", { error });
    }
  }

  async #pass(project: RuntimeProject): Promise<void> {
    const { clock, log } = this.#options;
    try {
      const waitMs = (this.#nextTick.get(project.profileId) ?? 0) - clock.now();
      // A longer wait than the interval: the clock was set back.
      if (waitMs > 0 && waitMs <= project.intervalMs) {
        if (await attend(project)) this.#isBusy = true;
        return;
      }
      this.#tickedAt.set(project.profileId, clock.now());
      this.#nextTick.set(project.profileId, clock.now() + project.intervalMs);
      this.#reports.set(project.profileId, await tick(project, { draining: this.#stopMode !== null }));
      this.#labels.start(project);
    } catch (error) {
      log.error("tick failed", { profileId: project.profileId, error });
      this.#reports.set(project.profileId, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Lets sessions end by themselves until the deadline, then ends them; returns when none of ours is left. */
  async #drain(): Promise<void> {
    const { clock, attendMs, jobs, deliver, log } = this.#options;
    const projects = this.#options.projects();
    const deadline = clock.now() + this.#options.drainMs();
    const asked = new Map<string, number>();
    let leaveAt = deadline + stopWaitMs;
    for (;;) {
      const isOver = this.#isHurried || clock.now() >= deadline;
      if (this.#isHurried) leaveAt = Math.min(leaveAt, clock.now() + stopWaitMs);
      await this.#tryToReport("draining");
      this.#options.onPass?.();
      const left: string[] = [];
      let isBusy = false;
      for (const project of projects) {
        try {
          if (await attend(project, { mayStart: !isOver })) isBusy = true;
          left.push(...(await this.#openSessions(project, isOver ? asked : null)));
        } catch (error) {
          log.error("drain failed", { profileId: project.profileId, error });
          left.push(project.profileId);
        }
      }
      // What ended may still be concluded and cleaned up, but nobody waits for a forge that is away.
      if (left.length === 0 && jobs.size === 0 && (!isBusy || isOver)) break;
      if (clock.now() >= leaveAt) {
        log.error("sessions did not end; they are left to the next runtime", { left });
        break;
      }
      await clock.sleep(Math.min(attendMs, 200));
    }
    jobs.start("outbox", deliver);
  }

  /** Those that are left; with `asked`, each is asked to stop, and again after a while: it may have been starting up. */
  async #openSessions(
    { store, profileId, runner, clock }: Project,
    asked: Map<string, number> | null,
  ): Promise<readonly string[]> {
    const open = await store.sessions.list({ profileId, states: ["intended", "running"] });
    for (const session of asked === null ? [] : open) {
      if (clock.now() - (asked?.get(session.id) ?? 0) < 5_000) continue;
      asked?.set(session.id, clock.now());
      runner.stop(session);
    }
    return open.map((session) => session.id);
  }

  /** A row that cannot be written (a full disk) says that we look dead; it is no reason to be it. */
  async #tryToReport(state: RuntimeRow["state"]): Promise<void> {
    try {
      await this.#report(state);
    } catch (error) {
      this.#options.log.error("heartbeat not saved", { error });
    }
  }

  /** Written when it says something new, and often enough to show that we live; an idle daemon leaves the disk alone. */
  async #report(state: RuntimeRow["state"]): Promise<void> {
    const { id, process, host, version, store, clock, rulesProblems, facts, allowances } = this.#options;
    const profileIds = this.#options.projects().map((project) => project.profileId);
    const known = { rules: rulesProblems?.() ?? {}, facts: facts?.() ?? {} };
    const said = JSON.stringify([profileIds, withoutMoments(this.#reports), known]);
    const fresh = clock.now() - this.#reported.at < reportMs;
    if (fresh && this.#reported.state === state && this.#reported.said === said) return;
    this.#state = state;
    await store.runtimes.put({
      id,
      process,
      host,
      version,
      profileIds,
      startedAt: this.#startedAt,
      heartbeatAt: clock.now(),
      state,
      lastTick: JSON.parse(
        JSON.stringify({
          ...withRules(this.#reports, known),
          ...(allowances ? { [allowancesKey]: allowances() } : {}),
        }),
      ),
    });
    this.#reported = { at: clock.now(), state, said };
  }

  /** Daemons that were killed, and with them their claims; only those of this host whose process is provably gone. */
  async #forgetDeadRuntimes(): Promise<void> {
    const { store, host, id, projects } = this.#options;
    const runner = projects()[0]?.runner;
    if (!runner) return;
    for (const row of await store.runtimes.list()) {
      if (row.id !== id && row.host === host && !runner.isAlive(row.process)) await store.runtimes.remove(row.id);
    }
  }
}

/** In a daemon's row, beside the profiles' ids: it has a dot, so no profile is named so. */
export const allowancesKey = "forge.allowances";

/** What the last ticks found, but not when: that they took place is no news. */
const withoutMoments = (reports: ReadonlyMap<string, object>) =>
  [...reports].map(([id, report]) => [id, { ...report, at: 0 }]);

type ByProfile = Readonly<Record<string, Json>>;

/** By profile what its last tick found, as `rules` what is wrong with its newest rules, and `facts`; each without the others. */
function withRules(
  reports: ReadonlyMap<string, object>,
  { rules, facts }: { readonly rules: ByProfile; readonly facts: ByProfile },
): object {
  const ids = new Set([...reports.keys(), ...Object.keys(rules), ...Object.keys(facts)]);
  const of = (id: string) => ({
    ...reports.get(id),
    ...(id in rules ? { rules: rules[id] } : {}),
    ...(id in facts ? { facts: facts[id] } : {}),
  });
  return Object.fromEntries([...ids].map((id) => [id, of(id)]));
}
