import { useEffect, useState } from "preact/hooks";
import { goTo } from "../use-route.ts";

export interface Keyboard {
  readonly isHelpOpen: boolean;
  readonly openHelp: () => void;
  readonly closeHelp: () => void;
}

/** Single keys, wherever nothing is written: `/`, `j`, `k`, `t`, `?`, `1` to `3`; Escape everywhere. */
export function useKeyboard(): Keyboard {
  const [isHelpOpen, setHelpOpen] = useState(false);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.key === "Escape") return leave(event.target);
      if (isWriting(event.target) || document.querySelector("dialog[open]")) return;
      const act = event.key === "?" ? () => setHelpOpen(true) : acts[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  return { isHelpOpen, openHelp: () => setHelpOpen(true), closeHelp: () => setHelpOpen(false) };
}

const acts: Readonly<Record<string, () => void>> = {
  "/": () => searchBox()?.select(),
  j: () => step(1),
  k: () => step(-1),
  t: () => document.querySelector<HTMLElement>("[data-key=t]")?.click(),
  "1": () => goTo({ page: "overview" }),
  "2": () => goTo({ page: "outbox" }),
  "3": () => goTo({ page: "trends" }),
};

const searchBox = (): HTMLInputElement | null => document.querySelector<HTMLInputElement>("#search");

/** To the next row of the page that is to be seen, in the order in which they stand there. */
function step(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")].filter(
    (row) => row.offsetParent !== null,
  );
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at === -1 ? (by === 1 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: "nearest" });
}

/** Out of the search box, which it empties first; else out of whatever has the focus. */
function leave(target: EventTarget | null): void {
  const box = searchBox();
  if (target === box && box && box.value !== "") {
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (target instanceof HTMLElement && !target.closest("dialog")) target.blur();
}

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
