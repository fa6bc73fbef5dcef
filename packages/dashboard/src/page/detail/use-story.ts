import { useEffect, useState } from "preact/hooks";
import type { ItemDocument, TimelineEntry } from "../../documents/index.ts";
import { fetchJson } from "../fetch-json.ts";
import { pullsOf } from "./pulls-of.ts";

/** An entry of an issue's story that is of a pull request of it. */
export interface StoryEntry extends TimelineEntry {
  /** `pr:13`; null: of the item itself. */
  readonly of: string | null;
}

/** The story of an item with that of the pull requests that were opened for it, which is where an issue's ends: its merge. */
export function useStory(item: ItemDocument): readonly StoryEntry[] {
  const [added, setAdded] = useState<readonly StoryEntry[]>([]);
  const { profileId } = item;
  const pulls = pullsOf(item);
  useEffect(() => {
    const asking = new AbortController();
    Promise.all(pulls.map((subject) => entriesOf(profileId, subject, asking.signal))).then(
      (told) => asking.signal.aborted || setAdded(told.flat()),
    );
    return () => asking.abort();
  }, [item.timeline]);
  const own = item.timeline.map((entry): StoryEntry => ({ ...entry, of: null }));
  return [...own, ...added].sort((a, b) => a.seq - b.seq);
}

async function entriesOf(profileId: string, subject: string, signal: AbortSignal): Promise<readonly StoryEntry[]> {
  const path = `/api/v1/items/${encodeURIComponent(`${profileId}:${subject}`)}`;
  const told = await fetchJson<ItemDocument>(path, signal);
  return told?.ok ? told.value.timeline.map((entry) => ({ ...entry, of: subject })) : [];
}
