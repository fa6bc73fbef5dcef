import type { Instant, Millis } from "./time.ts";

/** What people are told of. Kinds are stable: files name them to mute them. */
export const troubleKinds = [
  /** An issue or a pull request goes on only when a person acts. */
  "needs-human",
  /** The agents have tried as often as they may. */
  "parked",
  /** A task or a write used up its tries. */
  "dead-letter",
  /** Something has spent what it may. */
  "budget",
  /** A provider's limit is in force. */
  "quota",
  /** A profile, or host.yaml, cannot be worked by as it stands. */
  "broken-profile",
  /** A question holds a task of a flow. */
  "flow-asks",
] as const;
export type TroubleKind = (typeof troubleKinds)[number];

/** Something that is not well at this moment and may want a person; it is over when it is not found any more. */
export interface Trouble {
  /** The same for the same trouble, so that it is told once; over and there again it is told anew. */
  readonly key: string;
  readonly kind: TroubleKind;
  /** A hold reason, or another code, for scripts. */
  readonly code: string;
  /** Null: of the host, or of a program. */
  readonly profileId: string | null;
  /** `issue:12`, `pr:13`, `outbox:7`, `task:9`, `flow:f1`, the scope of a limit; null: the profile or the host as a whole. */
  readonly subject: string | null;
  /** Of the issue or pull request, on one line, and where it is read; null: not known, or it is about none. */
  readonly title: string | null;
  readonly url: string | null;
  /** One line; parts of it came from outside. */
  readonly text: string;
  /** What lets it go on: a command, or what to do; one line. */
  readonly act: string;
  /** Null: since it was first seen. */
  readonly since: Instant | null;
  /** How long it has to stand before it is worth a message: much passes by itself. */
  readonly settleMs: Millis;
}
