import type { Document, DocumentChange } from "./document.ts";

/** As they are sent: a plain object by key. */
export type PlainDocuments = Readonly<Record<string, Document>>;

/** Pure. The other half of `changesBetween`, for whoever is told of changes. */
export function applyChanges(before: PlainDocuments, changes: readonly DocumentChange[]): PlainDocuments {
  const after = { ...before };
  for (const { key, set, gone = [] } of changes) {
    if (set === null) delete after[key];
    else {
      const fields: Record<string, Document[string]> = { ...after[key], ...set };
      for (const field of gone) delete fields[field];
      after[key] = fields;
    }
  }
  return after;
}
