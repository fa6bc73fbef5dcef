export type * from "./documents/index.ts";
export type { Document, DocumentChange, DocumentSource, Documents } from "./live/document.ts";
export type { ActAnswer, Acts } from "./server/acts/acts.ts";
export type { Details } from "./server/details.ts";
export { isLoopback } from "./server/own-names.ts";
export { type Dashboard, type DashboardOptions, startDashboard } from "./server/start-dashboard.ts";
export type { SnapshotFacts, SnapshotProfileFacts, SnapshotSessionFacts } from "./snapshot/facts.ts";
