/** The known word nearest to what was typed, or null when nothing is near. */
export function suggest(typed: string, known: readonly string[]): string | null {
  const most = Math.max(1, Math.floor(typed.length / 3));
  let best: { word: string; distance: number } | null = null;
  for (const word of known) {
    const distance = editDistance(fold(typed), fold(word));
    if (distance <= most && (best === null || distance < best.distance)) best = { word, distance };
  }
  return best?.word ?? null;
}

/** `maxWorkers`, `max-workers` and `max_workers` are one word to a person. */
const fold = (word: string) =>
  word
    .slice(0, 80)
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toLowerCase();

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(swap, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
