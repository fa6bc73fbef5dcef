/** Pure. A test for texts: every word that was typed stands in one of them. Nothing typed: all match. */
export function matching(typed: string | undefined): (...texts: readonly (string | null | undefined)[]) => boolean {
  const words = (typed ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return () => true;
  return (...texts) => {
    const all = texts.join("\n").toLowerCase();
    return words.every((word) => all.includes(word));
  };
}
