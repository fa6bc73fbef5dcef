/** What a scheduled check looks after, by the words of its issue; the first that fits counts. */
const kinds: readonly { readonly name: string; readonly words: RegExp }[] = [
  { name: "smoke", words: /\b(?:e2e|smoke|playwright|detox|maestro|automation tests?)\b/i },
  { name: "checks", words: /\b(?:type-?checks?|lint(?:ing|er)?|unit tests?|jest|vitest|test suites?|builds?|ci)\b/i },
  { name: "health", words: /\bhealth(?:y|[- ]?checks?)?\b/i },
];

/** Colours of the labels that show the last result, for those who make them. */
export const statusLabelColors = { ok: "0E8A16", "not-ok": "B60205" } as const;

export const statusLabelNames: readonly string[] = kinds.flatMap(({ name }) => [`${name}-ok`, `${name}-not-ok`]);

/** Pure. The label for a check's result, and the one it takes the place of; null when its words name no kind. */
export function statusLabelOf(
  issue: { readonly title: string; readonly body: string },
  isAlert: boolean,
): { readonly add: string; readonly remove: string } | null {
  const text = `${issue.title}\n${issue.body}`;
  const kind = kinds.find(({ words }) => words.test(text))?.name;
  if (!kind) return null;
  const [ok, notOk] = [`${kind}-ok`, `${kind}-not-ok`];
  return isAlert ? { add: notOk, remove: ok } : { add: ok, remove: notOk };
}
