/** Pure. How many columns of a terminal a text takes: none for marks on other letters, two for wide scripts and emoji. */
export function columnsOf(text: string): number {
  if (plain.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += columnsOfOne(segment);
  return columns;
}

/** Pure. The text, cut with `…` where it takes more columns than that; letters are never cut in two. */
export function cutTo(text: string, columns: number): string {
  if (columns <= 0) return "";
  // A letter may have marks without end on it; who looks at a megabyte of them is not to wait.
  const looked = text.slice(0, 8 * columns + 200);
  if (looked.length === text.length && columnsOf(text) <= columns) return text;
  let cut = "";
  let taken = 0;
  for (const { segment } of graphemes.segment(looked)) {
    const next = columnsOfOne(segment);
    if (taken + next > columns - 1) break;
    cut += segment;
    taken += next;
  }
  return `${cut}…`;
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const plain = /^[\x20-\x7e]*$/;

function columnsOfOne(grapheme: string): number {
  if (nothingShown.test(grapheme)) return 0;
  return wide.test(grapheme) ? 2 : 1;
}

const nothingShown = /^(?:\p{M}|[\u200b-\u200d\u2060\ufeff])+$/u;

/** Emoji, and the scripts whose letters Unicode calls wide (East Asian Width W and F), by their blocks. */
const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;
