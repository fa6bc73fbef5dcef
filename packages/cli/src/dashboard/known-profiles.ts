import { profileFile, type Session, type Store } from "@agent-control-plane/core";
import type { BrokenProfile, Document, ProfileDocument } from "@agent-control-plane/dashboard";
import { documentText } from "@agent-control-plane/dashboard/live";
import { activityStamp, readActivity } from "@agent-control-plane/runners";
import type { CliContext } from "../context.ts";
import { fileStamp } from "../runtime/file-stamp.ts";
import { reportOf } from "../runtime/rules-in-force.ts";
import { asDocument } from "./as-document.ts";
import { KnownTitles } from "./known-titles.ts";
import type { Change } from "./look-for-changes.ts";
import { profileDocument } from "./profile-document.ts";
import type { SharedNow } from "./shared-rows.ts";

/** What is written without a word in the log (a place in the line, the time of a try) is seen after so long. */
const quietMs = 10_000;
/** Times pass: a day ends, a wake-up is over. */
const longestMs = 60_000;

interface Known {
  document: ProfileDocument | BrokenProfile;
  readonly readAt: number;
  readonly moves: number;
  /** What it was read from that is no row of its own. */
  readonly stamp: string;
  readonly live: readonly Pick<Session, "id" | "runDir">[];
  /** Of their streams, in the same order. */
  activity: readonly (string | null)[];
}

/** The documents of profiles, read again only where something may have happened to what they say. */
export class KnownProfiles {
  readonly #context: CliContext;
  readonly #known = new Map<string, Known>();
  /** Those that have to be read again: until they are, whatever fails on the way. */
  readonly #stale = new Set<string>();
  #titles = new KnownTitles();

  constructor(context: CliContext) {
    this.#context = context;
  }

  /** Another store says other things. */
  clear(): void {
    this.#known.clear();
    this.#titles = new KnownTitles();
  }

  note({ named, isAnything }: Change): void {
    for (const id of isAnything ? this.#known.keys() : named) this.#stale.add(id);
  }

  keepOnly(profileIds: readonly string[]): void {
    const ids = new Set(profileIds);
    for (const known of [this.#known, this.#stale]) for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
  }

  /** The very same object as before when it says the same. */
  async of(profileId: string, store: Store, change: Change, shared: SharedNow): Promise<Document> {
    const known = this.#known.get(profileId);
    const stamp = this.#stampOf(profileId, shared);
    if (!known || !this.#isFresh(known, profileId, change, stamp))
      return this.#read(profileId, store, change, shared, stamp);
    const activity = known.live.map(activityStamp);
    const talking = known.live.filter((_, nth) => activity[nth] !== known.activity[nth]);
    if (talking.length > 0) {
      known.document = withActivityOf(talking, known.document);
      known.activity = activity;
    }
    return asDocument(known.document);
  }

  #isFresh({ readAt, moves, stamp: before }: Known, id: string, change: Change, stamp: string): boolean {
    const age = this.#context.clock.now() - readAt;
    if (this.#stale.has(id) || stamp !== before || age < 0) return false;
    return age < (moves === change.moves ? longestMs : quietMs);
  }

  async #read(id: string, store: Store, { moves }: Change, shared: SharedNow, stamp: string): Promise<Document> {
    const before = this.#known.get(id) ?? null;
    const readAt = this.#context.clock.now();
    const live = await store.sessions.list({ profileId: id, states: ["intended", "running", "ended"] });
    const activity = live.map(activityStamp);
    const told = { titles: this.#titles, document: before?.document ?? null };
    const read = await profileDocument(this.#context, store, shared, id, told);
    const isSame = before && documentText(asDocument(before.document)) === documentText(asDocument(read));
    const document = isSame ? before.document : read;
    this.#stale.delete(id);
    this.#known.set(id, { document, readAt, moves, stamp, live, activity });
    return asDocument(document);
  }

  /** Its file, who serves it and what that one says, and what a person paused. */
  #stampOf(id: string, { daemons, pauses, cooldowns, quotas }: SharedNow): string {
    const daemon = daemons.find(({ profileIds }) => profileIds.includes(id));
    const { at: _, ...report } = reportOf(daemon, id);
    const own = pauses.filter(({ scope }) => scope === id || scope === "*");
    const file = fileStamp(profileFile(this.#context.home, id));
    return JSON.stringify([file, daemon?.id, daemon?.state, report, own, cooldowns, quotas]);
  }
}

/** Whatever its sessions do is in their streams, and the store need not be asked. */
function withActivityOf(talking: Known["live"], document: Known["document"]): Known["document"] {
  if (!("live" in document)) return document;
  const byId = new Map(talking.map((session) => [session.id, session]));
  return {
    ...document,
    live: document.live.map((shown) => {
      const session = byId.get(shown.id);
      return session ? { ...shown, activity: readActivity(session) } : shown;
    }),
  };
}
