import { useEffect, useState } from "preact/hooks";

/** A value that changes often, told at most once in `everyMs`; the last one always comes through. */
export function useSlowly<T>(value: T, everyMs: number): T {
  const [told, tell] = useState(value);
  const [canTell, setCanTell] = useState(true);
  useEffect(() => {
    if (!canTell || Object.is(value, told)) return;
    tell(() => value);
    setCanTell(false);
  }, [value, told, canTell]);
  useEffect(() => {
    if (canTell) return;
    const timer = setTimeout(() => setCanTell(true), everyMs);
    return () => clearTimeout(timer);
  }, [canTell, everyMs]);
  return told;
}
