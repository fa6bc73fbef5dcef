import { useEffect, useState } from "preact/hooks";

/** The browser's clock: nowhere else in the page is it read. */
export const now = (): number => Date.now();

const tellers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/**
 * What `say` makes of the time, kept up to date without any traffic. One timer serves the whole page, and only what reads
 * differently from the second before is drawn.
 */
export function useSaid(say: (now: number) => string): string {
  const [, setSaid] = useState("");
  useEffect(() => {
    const tell = () => setSaid(say(now()));
    tell();
    tellers.add(tell);
    timer ??= setInterval(tellAll, 1_000);
    return () => {
      tellers.delete(tell);
      if (tellers.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, [say]);
  return say(now());
}

function tellAll(): void {
  if (document.hidden) return;
  for (const tell of tellers) tell();
}
