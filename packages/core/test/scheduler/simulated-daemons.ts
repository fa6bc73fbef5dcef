// Runtimes that die, freeze and hang while their hosts fail them, and others that take over.
import { Runtime } from "../../src/index.ts";
import type { SimulatedRuntime, World } from "./simulated-world.ts";

interface Daemon {
  readonly one: SimulatedRuntime;
  readonly runtime: Runtime;
}

export interface Dice {
  readonly random: () => number;
  readonly oneIn: (count: number) => boolean;
  readonly pick: <T>(from: readonly T[]) => T;
}

export function dice(random: () => number): Dice {
  return {
    random,
    oneIn: (count) => random() * count < 1,
    pick: <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T,
  };
}

const faults = ["fetch", "create", "collect", "retire", "launch", "wrapper"] as const;

export class Daemons {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #make: (id: string) => SimulatedRuntime;
  readonly #daemons: Daemon[] = [];
  #names = 0;
  #calm = false;

  constructor(world: World, of: Dice, count: number, make: (id: string) => SimulatedRuntime) {
    this.#world = world;
    this.#dice = of;
    this.#make = make;
    for (let index = 0; index < count; index += 1) this.#daemons.push(this.#start());
  }

  /** What may go wrong in one moment, does now and then. */
  trouble(): void {
    const { oneIn, pick } = this.#dice;
    const world = this.#world;
    const index = Math.floor(this.#dice.random() * this.#daemons.length);
    const life = this.#daemons[index]?.one.life;
    if (life?.dead) this.#renew(index);
    else if (life && oneIn(60)) life.callsLeft = Math.floor(this.#dice.random() * 30);
    else if (life && oneIn(40)) life.frozenUntil = world.clock.now() + pick([5_000, 70_000, 150_000]);
    else if (oneIn(300)) this.#daemons[index]?.runtime.stop(oneIn(2) ? "keep" : "end");
    else if (oneIn(200)) this.#renew(index);
    if (oneIn(150) && world.liveWrappers().length > 0) world.killWrapper(pick(world.liveWrappers()));
    if (oneIn(100)) world.faults.forge = pick(["unreachable", "refused", "rate-limited", undefined] as const);
    if (world.faults.forge && oneIn(15)) world.faults.forge = undefined;
    for (const fault of faults) if (oneIn(world.faults[fault] ? 20 : 400)) world.faults[fault] = !world.faults[fault];
  }

  /** From now on nothing goes wrong, and one new runtime does all the work. */
  calm(): void {
    this.#calm = true;
    for (const fault of ["forge", ...faults] as const) delete this.#world.faults[fault];
    for (const { runtime } of this.#daemons) runtime.stop("keep");
    this.#daemons.push(this.#start());
  }

  stop(): void {
    this.#daemons.at(-1)?.runtime.stop("end");
  }

  #start(): Daemon {
    const one = this.#make(`r${++this.#names}`);
    const { oneIn, pick } = this.#dice;
    one.life.takesMs = () => (this.#calm || !oneIn(8) ? 0 : pick([1_000, 20_000, 90_000]));
    const runtime = new Runtime({
      ...{ id: one.project.runtimeId, process: { pid: -this.#names, startedMark: "x" }, host: "h", version: "0" },
      ...{ store: one.project.store, clock: this.#world.clock, log: one.project.log, jobs: one.jobs },
      projects: () => one.projects.map((project) => ({ ...project, intervalMs: 15_000 })),
      deliver: async () => {
        while (await this.#world.deliver(one, () => !this.#calm && oneIn(6)));
      },
      attendMs: 2_000,
      drainMs: () => 20_000,
    });
    void runtime.run(() => {}).catch(() => {});
    return { one, runtime };
  }

  #renew(index: number): void {
    this.#daemons[index]?.runtime.stop("keep");
    this.#daemons[index] = this.#start();
  }
}
