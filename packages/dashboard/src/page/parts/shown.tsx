import { visibleText } from "@agent-control-plane/core/for-pages";

/** More of one text than anybody reads in a list, and little enough to draw. */
const usually = 400;

/**
 * Text that came from outside: cut, its control and direction characters made visible, and whatever it is written in it
 * does not turn the text around it.
 */
export function Shown({ text, most = usually }: { readonly text: string; readonly most?: number }) {
  return <bdi>{shownText(text, most)}</bdi>;
}

/** Pure. The same, where only text can stand. */
export function shownText(text: string, most = usually): string {
  const cut = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return visibleText(cut, { coloured: false });
}
