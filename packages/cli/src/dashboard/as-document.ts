import type { Document } from "@agent-control-plane/dashboard";

/** Interfaces have no index signature, which is all that keeps them from being JSON. */
export const asDocument = (document: object): Document => document as Document;
