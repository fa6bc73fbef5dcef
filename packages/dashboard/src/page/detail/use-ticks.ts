import { useEffect, useState } from "preact/hooks";

/** Another number every `everyMs`, as long as it `isWanted` and somebody sees the page. */
export function useTicks(everyMs: number, isWanted: boolean): number {
  const [ticks, setTicks] = useState(0);
  useEffect(() => {
    if (!isWanted) return;
    const timer = setInterval(() => document.hidden || setTicks((before) => before + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, isWanted]);
  return ticks;
}
