import type { ChangedFile } from "./evidence.ts";

/** One added line; `line` counts from 1 in the file as it is after the change. */
export interface AddedLine {
  readonly line: number;
  readonly text: string;
}

/** One changed file with the lines that make the change. Those of binary files are what git calls lines. */
export interface DeltaFile extends ChangedFile {
  readonly isBinary: boolean;
  readonly added: readonly AddedLine[];
  readonly removed: readonly string[];
}

/** What a session's work changes, line by line, as the host reads it out of git. All of it is hostile text. */
export interface Delta {
  /** Of a merge only what git's own would not have: what it brings of the other branch is the forge's own already. */
  readonly files: readonly DeltaFile[];
  /** What commits on the way added, also when a later one took it out again: it would be pushed with them. */
  readonly passing: readonly Pick<DeltaFile, "path" | "added">[];
  /** The change is larger than what is read; nothing may be concluded from what is missing here. */
  readonly isCut: boolean;
  /** Of a merge: paths on which the base's changes are gone, and all is as it was before. Absent: none was made. */
  readonly droppedOfBase?: {
    /** Those that git merges by itself. */
    readonly merged: readonly string[];
    readonly conflicting: readonly string[];
  };
}

/** Something in the change that looks like a secret; `kind` names what, the secret itself is nowhere. */
export interface FoundSecret {
  readonly path: string;
  readonly line: number;
  readonly kind: string;
}

export interface Inspection {
  readonly delta: Delta;
  readonly secrets: readonly FoundSecret[];
}

/** Most of a change that is read for guards and secrets; a larger one is given to a person. */
export const deltaMaxBytes = 16 * 1024 * 1024;
