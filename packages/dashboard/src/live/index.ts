// What shows documents and serves nothing needs: no server comes with it.
export { applyChanges, type PlainDocuments } from "./apply-changes.ts";
export type { Frame } from "./change-log.ts";
export type { Document, DocumentChange, DocumentSource, Documents } from "./document.ts";
export { documentText } from "./document-text.ts";
export { LiveState } from "./live-state.ts";
