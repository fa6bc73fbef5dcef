import type { Document, DocumentChange, Documents } from "./document.ts";

/** Pure. What a reader of `before` has to be told to have `after`; in the order of `after`, what is gone last. */
export function changesBetween(before: Documents, after: Documents): readonly DocumentChange[] {
  const changed = [...after].flatMap(([key, document]) => changeOf(key, before.get(key), document) ?? []);
  const gone = [...before.keys()].filter((key) => !after.has(key));
  return [...changed, ...gone.map((key) => ({ key, set: null }))];
}

function changeOf(key: string, before: Document | undefined, after: Document): DocumentChange | null {
  if (before === after) return null;
  if (before === undefined) return { key, set: after };
  const set = Object.fromEntries(Object.entries(after).filter(([field, value]) => !isSame(before[field], value)));
  const gone = Object.keys(before).filter((field) => !(field in after));
  if (gone.length > 0) return { key, set, gone };
  return Object.keys(set).length > 0 ? { key, set } : null;
}

/** Documents are made by the same code each time, so equal values have equal texts. */
const isSame = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
