// A runtime that dies or freezes between any two of its calls: everything it calls goes through here.
import type { ManualClock } from "@agent-control-plane/testkit";
import type { Store } from "../../src/index.ts";

export class Crash extends Error {}

export interface Life {
  dead: boolean;
  /** Calls until it dies. */
  callsLeft: number;
  frozenUntil: number;
  /** How long a port's next call takes. */
  takesMs: () => number;
}

/** Calls that answer at once; the others answer with a promise, also when they fail. */
const syncCalls = {
  pathFor: 1,
  wrapperOf: 1,
  isAlive: 1,
  ending: 1,
  contract: 1,
  verification: 1,
  stop: 1,
  keepEvidence: 1,
};

/**
 * A dead runtime's calls throw and do nothing; a dying one's last call may have been done before it learns of it. A
 * frozen one (a machine asleep, a process without a processor) goes on with its next step when it thaws.
 */
export function mortal<T extends object>(port: T, life: Life, clock: ManualClock, takesMs = () => 0): T {
  const live = (): void => {
    if (life.callsLeft <= 0) life.dead = true;
    if (life.dead) throw new Crash("the runtime is dead");
    life.callsLeft -= 1;
  };
  const thaw = async (): Promise<void> => {
    while (clock.now() < life.frozenUntil) await clock.sleep(life.frozenUntil - clock.now());
    live();
  };
  return new Proxy(port, {
    get(target, name, receiver) {
      const member = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      if (name in syncCalls) {
        return (...args: unknown[]) => {
          live();
          return member.apply(target, args);
        };
      }
      return async (...args: unknown[]) => {
        await clock.sleep(takesMs());
        await thaw();
        const value = await member.apply(target, args);
        await thaw();
        return value;
      };
    },
  });
}

export const mortalStore = (store: Store, life: Life, clock: ManualClock): Store =>
  Object.fromEntries(
    Object.entries(store).map(([name, part]) => [
      name,
      typeof part === "object" && name !== "clock" ? mortal(part, life, clock) : part,
    ]),
  ) as unknown as Store;
