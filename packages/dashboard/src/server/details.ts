import type { FlowDocument, ItemDocument, Series, SessionDiff, SessionDocument } from "../documents/index.ts";
import type { Documents } from "../live/document.ts";
import type { SnapshotFacts } from "../snapshot/facts.ts";

/** What is asked for one at a time. */
export interface Details {
  /** Null: nothing is known of it. */
  item(profileId: string, subject: string): Promise<ItemDocument | null>;
  session(sessionId: string): Promise<SessionDocument | null>;
  /** `start` negative: so many bytes before the end. Null: there is no such session, or it has no such log. */
  sessionLog(
    sessionId: string,
    log: "events" | "output",
    range: { readonly start: number; readonly length: number },
  ): Promise<{ readonly size: number; readonly start: number; readonly bytes: Uint8Array } | null>;
  /** Null: there is no such session, or it left nothing that is still there. */
  sessionDiff(sessionId: string): Promise<SessionDiff | null>;
  flow(flowId: string): Promise<FlowDocument | null>;
  /** Of one profile, or of all together; at most 300 points. */
  series(of: { readonly profileId: string | null; readonly hours: number }): Promise<Series>;
  /** What `/api/snapshot.json` tells beside the documents. */
  snapshotFacts(documents: Documents): Promise<SnapshotFacts>;
}
