import { type HostLimits, listProfileIds, profileFile, secretsFile } from "@agent-control-plane/core";
import type { FactsInForce } from "./facts-in-force.ts";
import { fileStamp } from "./file-stamp.ts";
import { LiveHostLimits } from "./live-host-limits.ts";
import { loadRules } from "./load-rules.ts";
import type { OpenProject, Surroundings } from "./open-project.ts";
import { resumeMsOf } from "./profile-facts.ts";
import { hostRulesKey, type RulesProblem, standingProblem } from "./rules-problem.ts";

export type LiveSurroundings = Omit<Surroundings, "hostLimits" | "known">;

interface Watched {
  /** Of the files as they were when they were last read. */
  stamp: string;
  open: OpenProject | null;
  /** Of the profile's file, from which those rules were read. */
  openStamp: string;
  /** Read meanwhile, put in force at the next pass. */
  next: OpenProject | null;
  nextStamp: string;
  problem: RulesProblem | null;
  /** A token or a forge that was not there may be back without a change of the file. */
  retryAt: number | null;
}

const retryMs = 30_000;

/**
 * The profiles of a daemon, with the rules as they stand in their files. Each pass looks whether a file changed (a stat,
 * no reading). What changed is read beside the ticks, and put in force between two passes as a whole new project: work
 * under way keeps the one it began with. Rules that are broken, or that only a restart can bring, leave the last good
 * ones in force. With `isFollowing`, installed profiles join and removed ones go.
 */
export class LiveProfiles {
  readonly #around: LiveSurroundings;
  readonly #isFollowing: boolean;
  readonly #host: LiveHostLimits;
  readonly #watched = new Map<string, Watched>();

  private constructor(around: LiveSurroundings, isFollowing: boolean) {
    this.#around = around;
    this.#isFollowing = isFollowing;
    this.#host = new LiveHostLimits({ home: around.context.home, log: around.log, clock: around.clock });
  }

  /** Throws `UserError` when one of them cannot be opened; when following, only when none can. */
  static async open(
    profileIds: readonly string[],
    around: LiveSurroundings,
    { isFollowing }: { readonly isFollowing: boolean },
  ): Promise<LiveProfiles> {
    const live = new LiveProfiles(around, isFollowing);
    const failures: unknown[] = [];
    for (const id of profileIds) {
      const failure = await live.#begin(id);
      if (failure !== null) failures.push(failure);
    }
    if (failures.length > 0 && (!isFollowing || failures.length === profileIds.length)) throw failures[0];
    return live;
  }

  current(): readonly OpenProject[] {
    return [...this.#watched.values()].flatMap(({ open }) => (open ? [open] : []));
  }

  hostLimits(): HostLimits {
    return this.#host.limits;
  }

  problems(): Readonly<Record<string, RulesProblem>> {
    const host = this.#host.problem;
    const own = [...this.#watched].flatMap(([id, { problem }]) => (problem ? [[id, problem] as const] : []));
    return Object.fromEntries([...own, ...(host ? [[hostRulesKey, host] as const] : [])]);
  }

  /** What `status` asks of each profile, with the stamp of the file it was read from. */
  facts(): Readonly<Record<string, FactsInForce>> {
    return Object.fromEntries(
      [...this.#watched].flatMap(([id, { open, openStamp: stamp }]) => {
        if (open === null) return [];
        const { timeZone, budgets, repo, limits, execution } = open.profile;
        const repository = { slug: repo.slug, url: `${open.forge.gitUrl}/${repo.slug}` };
        const workers = limits.maxConcurrentWorkers;
        const resumeMs = resumeMsOf(execution);
        return [[id, { stamp, timeZone, limit: { ...budgets.day }, repository, workers, resumeMs }]];
      }),
    );
  }

  /** Puts in force what was read, and has read what changed. Waits for nothing; not to be called under a tick. */
  refresh(): void {
    this.#host.refresh();
    if (this.#isFollowing) this.#follow();
    for (const [id, watched] of this.#watched) {
      if (watched.next) {
        this.#around.log.info(watched.open ? "rules reloaded" : "profile joined", { profileId: id });
        putInForce(watched);
      }
      this.#look(id, watched);
    }
  }

  #look(id: string, watched: Watched): void {
    const { clock, jobs } = this.#around;
    // Taken before the files are read: what is written in between makes another stamp, and is read with the next pass.
    const stamp = this.#stampOf(id);
    const isDue = watched.retryAt !== null && clock.now() >= watched.retryAt;
    if (stamp === watched.stamp && !isDue) return;
    if (!jobs.start(`rules:${id}`, async () => void (await this.#load(id, watched)))) return;
    watched.stamp = stamp;
  }

  /** Answers what went wrong, or null; then the new rules wait for the next pass. */
  async #load(id: string, watched: Watched): Promise<unknown> {
    const { clock, log, context } = this.#around;
    watched.nextStamp = fileStamp(profileFile(context.home, id));
    const loaded = await loadRules(id, watched.open, { ...this.#around, hostLimits: () => this.#host.limits });
    watched.next = loaded.ok ? loaded.open : null;
    watched.retryAt = loaded.ok || !loaded.mayPass ? null : clock.now() + retryMs;
    if (loaded.ok) return null;
    const { state, problems, error } = loaded;
    const { problem, isNews } = standingProblem(watched.problem, { state, problems, since: clock.now() });
    if (isNews) log.error(notLoaded[state], { profileId: id, problems });
    watched.problem = problem;
    return error;
  }

  #stampOf(id: string): string {
    const { home } = this.#around.context;
    return `${fileStamp(profileFile(home, id))} ${fileStamp(secretsFile(home, id))}`;
  }

  #follow(): void {
    const { context, log, jobs, store } = this.#around;
    const installed = new Set(listProfileIds(context.home));
    for (const id of installed) if (!this.#watched.has(id)) this.#watched.set(id, unread());
    for (const id of this.#watched.keys()) {
      if (installed.has(id)) continue;
      this.#watched.delete(id);
      jobs.start(`dropped:${id}`, async () => {
        const sessions = await store.sessions.list({ profileId: id, states: ["intended", "running"] });
        log.warn("profile removed; it is not worked any more, its live sessions are left alone", {
          profileId: id,
          sessions: sessions.map((session) => session.id),
        });
      });
    }
  }

  /** The first reading, before the daemon runs. */
  async #begin(id: string): Promise<unknown> {
    const watched = unread();
    watched.stamp = this.#stampOf(id);
    this.#watched.set(id, watched);
    const failure = await this.#load(id, watched);
    putInForce(watched);
    return failure;
  }
}

function putInForce(watched: Watched): void {
  if (!watched.next) return;
  watched.open = watched.next;
  watched.openStamp = watched.nextStamp;
  watched.next = null;
  watched.problem = null;
}

const unread = (): Watched => ({
  ...{ stamp: "", open: null, openStamp: "", next: null, nextStamp: "", problem: null, retryAt: null },
});

const notLoaded: Readonly<Record<RulesProblem["state"], string>> = {
  "last-good": "changed rules are not valid; the last good ones hold",
  "restart-needed": "changed rules need a restart; those of before hold",
  "not-loaded": "the rules of a profile are not valid; it is not worked",
};
