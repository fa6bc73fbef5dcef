import type { Json } from "@agent-control-plane/core";

/** One thing that is shown: a JSON object whose fields are compared, and sent, each by itself. */
export type Document = { readonly [field: string]: Json };

/** By key: `host`, `machine`, `profile:<id>`. */
export type Documents = ReadonlyMap<string, Document>;

/** Where documents come from. */
export interface DocumentSource {
  /**
   * All there are now. A document that did not change since `before`, the last answer, is the very same object: that is
   * what makes a look at a hundred profiles of which nothing changed cheap. Times are instants and never durations, or
   * everything would change all the time. Never throws: what cannot be read is a document that says so.
   */
  read(before: Documents): Promise<Documents>;
}

/** What differs of one document. */
export interface DocumentChange {
  readonly key: string;
  /** New and changed fields; null: the document is gone. */
  readonly set: Document | null;
  /** Fields that are gone; absent: none. */
  readonly gone?: readonly string[];
}
