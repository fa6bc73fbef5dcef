import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Keeps a box that scrolls at its end whenever other `lines` are drawn, until the reader scrolls up. */
export function usePlaceAtEnd(lines: readonly unknown[]) {
  const box = useRef<HTMLElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const follows = useRef(true);
  const toEnd = () => box.current?.scrollTo({ top: box.current.scrollHeight });
  useLayoutEffect(() => {
    if (follows.current) toEnd();
  }, [lines]);
  const onScroll = () => {
    const { scrollTop = 0, clientHeight = 0, scrollHeight = 0 } = box.current ?? {};
    follows.current = scrollHeight - clientHeight - scrollTop < 40;
    setAtEnd(follows.current);
  };
  return { box, isAtEnd, onScroll, toEnd };
}
