import { matchesEtag } from "./etag.ts";

/**
 * Knows without making an answer again that it would be the same: nothing was written to the database since the tag was
 * given. A client that polls an idle repository then costs next to nothing.
 */
export interface Unchanged {
  /** The tag that still holds for this question, null when it has to be answered anew. */
  tagFor(question: string, ifNoneMatch: string | null): string | null;
  /** `version` is from before the answer was made: a write in between then voids the tag. */
  remember(question: string, etag: string, version: number): void;
}

const keptQuestions = 5000;

/** `currentVersion` grows with every write. */
export function createUnchanged(currentVersion: () => number): Unchanged {
  const tags = new Map<string, { etag: string; version: number }>();
  return {
    tagFor: (question, ifNoneMatch) => {
      const known = tags.get(question);
      return known && known.version === currentVersion() && matchesEtag(ifNoneMatch, known.etag) ? known.etag : null;
    },
    remember: (question, etag, version) => {
      if (tags.size >= keptQuestions) tags.clear();
      tags.set(question, { etag, version });
    },
  };
}

/** Pure: whether the answer at this path comes from the database alone. A pull request's and a commit's ask git too. */
export function isFromDatabase(path: string): boolean {
  if (/\/commits\/[\da-f]{40}\/(?:status|check-runs)$/.test(path)) return true; // a commit never changes
  return /^\/repos\/[^/]+\/[^/]+(?:\/(?:issues|labels|actions|check-runs|collaborators|branches|pulls$)|$)/.test(path);
}
