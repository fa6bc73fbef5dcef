import type { Document } from "./document.ts";

const texts = new WeakMap<Document, string>();

/** A document as JSON, written out once: it is the same object as long as it says the same. */
export function documentText(document: Document): string {
  const known = texts.get(document);
  if (known !== undefined) return known;
  const text = JSON.stringify(document);
  texts.set(document, text);
  return text;
}
