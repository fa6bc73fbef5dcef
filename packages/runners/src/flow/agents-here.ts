import { dirname } from "node:path";
import {
  type AgentRoom,
  admit,
  type Clock,
  type DaySpend,
  type Flow,
  type FlowTask,
  type Instant,
  judgeBudget,
  noBudgets,
  type Profile,
  type Provider,
  readDay,
  roomForAgent,
  type TaskTakes,
  type TaskWaits,
} from "@agent-control-plane/core";
import { backendNamed } from "../backends/index.ts";
import { environmentFor, providersFor, settingsFor } from "./agent-terms.ts";
import type { AgentWorkersOptions } from "./agent-workers.ts";
import { type Lack, lacksForAgent } from "./lacks-for-agent.ts";

/** Between looks at what all agents of this host share, at profiles, and at what one kind of agents would lack. */
const lookMs = 500;
const profileMs = 2_000;
const lackMs = 3_000;

const waitsFor = (reason: string, summary: string): TaskWaits => ({ waits: { reason, summary, until: null } });
const unseen: TaskWaits = { waits: null };

type Found = { readonly profile: Profile } | TaskWaits;

/** Whether agents' tasks may begin here now; what was seen last is what counts. */
export class AgentsHere {
  readonly #options: AgentWorkersOptions;
  readonly #profiles: Remembered<Found>;
  readonly #lacks: Remembered<Lack | null>;
  /** Of profiles that plans name and that limit what a day may cost. */
  readonly #days = new Map<string, { readonly profile: Profile; day: DaySpend | null }>();
  #room: (AgentRoom & { readonly at: Instant }) | null = null;
  #isOld = false;
  #problem = "";

  constructor(options: AgentWorkersOptions) {
    this.#options = options;
    this.#profiles = new Remembered(options.clock, profileMs);
    this.#lacks = new Remembered(options.clock, lackMs);
  }

  async look(): Promise<void> {
    const { clock, store, hostLimits, resources } = this.#options;
    const at = clock.now();
    const isFresh = this.#room && !this.#isOld && at - this.#room.at < lookMs && at >= this.#room.at;
    if (isFresh) return;
    this.#isOld = false;
    const quotas = await store.quotas.list();
    const slots = await store.tasks.slotsHeld();
    for (const seen of this.#days.values()) seen.day = await dayOf(this.#options, seen.profile);
    try {
      const limits = hostLimits();
      this.#room = { at, quotas, slots, limits, refusal: admit(resources(), limits) };
      this.#problem = "";
    } catch (error) {
      this.#room = null;
      this.#problem = wordsOf(error);
    }
  }

  /** Something was learned that the next look has to see. */
  forget(): void {
    this.#isOld = true;
  }

  takes(task: FlowTask, { plan }: Flow): TaskTakes | TaskWaits {
    const found = this.#profiles.of(plan.profile ?? "", () => profileFor(this.#options, plan.profile));
    if ("waits" in found) return found;
    const { profile } = found;
    const seen = providersFor(profile, task.spec).map((provider) => ({
      provider,
      lack: this.#lackOf(profile, task, provider),
    }));
    const open = seen.flatMap(({ provider, lack }) => (lack === null ? [provider] : []));
    const [lack] = seen.flatMap((each) => each.lack ?? []);
    if (open.length === 0 && lack) return waitsFor(lack.reason, lack.summary);
    if (!this.#room) return this.#problem === "" ? unseen : waitsFor("host-limits-broken", this.#problem);
    return this.#dayOver(profile, plan.profile) ?? roomForAgent(open, this.#room, this.#options.clock.now());
  }

  #dayOver(profile: Profile, named: string | null): TaskWaits | null {
    const { day: limit } = profile.budgets;
    if (named === null || (limit.usd === null && limit.tokens === null)) return null;
    const { day = null } = this.#days.get(named) ?? {};
    this.#days.set(named, { profile, day });
    if (day === null) return unseen;
    const verdict = judgeBudget({ ...noBudgets, day: limit }, undefined, day, profile.timeZone);
    if (verdict.kind === "room") return null;
    return waitsFor(verdict.because, `profile ${named}: ${verdict.detail}`);
  }

  #lackOf(profile: Profile, { spec }: FlowTask, provider: Provider): Lack | null {
    const { env: host, secrets, backends } = this.#options;
    const key = JSON.stringify([profile.file, provider, spec.env.pass, Object.keys(spec.env.set)]);
    return this.#lacks.of(key, () =>
      lacksForAgent({
        backend: backendNamed(spec.worker, backends),
        ...settingsFor(profile, provider),
        env: environmentFor(profile, spec, provider, { host, secrets }),
        profileFolder: dirname(profile.file),
      }),
    );
  }
}

async function dayOf({ store, clock }: AgentWorkersOptions, { id, timeZone }: Profile): Promise<DaySpend> {
  const { spent, until, raises } = await readDay(store, id, { now: clock.now(), timeZone });
  return { spent, until, raise: raises.at(-1) ?? null };
}

/** Somebody may put it there, or mend it: what needs it waits. */
function profileFor({ profileOf }: AgentWorkersOptions, id: string | null): Found {
  try {
    return { profile: profileOf(id) };
  } catch (error) {
    return waitsFor("profile-broken", wordsOf(error));
  }
}

const wordsOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, " ");

/** Answers that are asked for again and again, and hold for a moment. */
class Remembered<T> {
  readonly #answers = new Map<string, { readonly at: Instant; readonly answer: T }>();
  readonly #clock: Clock;
  readonly #ms: number;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  of(key: string, ask: () => T): T {
    const now = this.#clock.now();
    const known = this.#answers.get(key);
    if (known && now - known.at < this.#ms && now >= known.at) return known.answer;
    // Plans may name any number of variables: what is old goes.
    if (this.#answers.size > 200) this.#answers.clear();
    const answer = ask();
    this.#answers.set(key, { at: now, answer });
    return answer;
  }
}
