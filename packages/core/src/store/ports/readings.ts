import type { Json } from "../../domain/json.ts";
import type { StoredReading } from "../../domain/reading.ts";

/** What was read of an item beside its list entry; a row goes when the item is closed and all was drawn from it. */
export interface ReadingStore {
  put(profileId: string, subject: string, reading: StoredReading<Json>): Promise<void>;
  list(profileId: string): Promise<readonly { readonly subject: string; readonly stored: StoredReading<Json> }[]>;
  remove(profileId: string, subject: string): Promise<void>;
}
