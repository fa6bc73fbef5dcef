/** Lets at most `atOnce` pieces of work go on at a time, first come first served. */
export interface Turns {
  take<T>(work: () => Promise<T>): Promise<T>;
}

export function createTurns(atOnce: number): Turns {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  return {
    async take(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((wake) => waiting.push(wake));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        // The turn is handed on without being freed in between, so that nobody can jump the queue.
        if (next) next();
        else free += 1;
      }
    },
  };
}
