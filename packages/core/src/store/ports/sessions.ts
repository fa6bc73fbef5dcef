import type { Provider } from "../../domain/provider.ts";
import type { Conversation, Resumption } from "../../domain/resumption.ts";
import type { Ending, ProcessMark, Session, SessionKind, SessionState } from "../../domain/session.ts";
import type { LeaseKey } from "../../domain/task.ts";
import type { Lost } from "./lost.ts";

export interface SessionStore {
  /** Writes the intent under a live lease, before anything is started. */
  intend(lease: LeaseKey, session: NewSession): Promise<Session | Lost>;
  /** The wrapper is up: `intended` -> `running`. */
  start(sessionId: string, term: number, wrapper: ProcessMark): Promise<"applied" | Lost>;
  /**
   * The process tree is gone: -> `ended`, once (the first ending wins, a repeat answers `lost`), and the lease is
   * handed over: it expires now and loses its owner, so that any runtime may adopt it for reconcile and its past holder
   * is `lost`. A lease with another session still running under its term is handed over by the last one. With `only`,
   * a session that has left that state meanwhile is left alone and the answer is `lost`.
   */
  end(
    sessionId: string,
    term: number,
    ending: Ending,
    /** `lost` unless it is still in this state. */
    asSeen?: "intended" | "running",
  ): Promise<"applied" | Lost>;
  get(sessionId: string): Promise<Session | null>;
  list(filter: {
    readonly profileId?: string;
    readonly states?: readonly SessionState[];
    readonly taskId?: number;
    /** Of one profile; ask for both. */
    readonly subject?: string;
    readonly limit?: number;
  }): Promise<readonly Session[]>;
  /** Of each of these tasks: who served its newest session that left a conversation with its backend. */
  lastConversations(taskIds: readonly number[]): Promise<readonly (Provider & { readonly taskId: number })[]>;
  /**
   * Of each item among the newest `looked` sessions of a profile's agents: its last one, where that speaks in a
   * conversation with its backend. Newest first.
   */
  lastSpeakers(profileId: string, looked: number): Promise<readonly LastSpeaker[]>;
}

export interface LastSpeaker
  extends Pick<Session, "id" | "taskId" | "subject" | "lane" | "backend" | "model" | "state" | "outcome">,
    Pick<Session, "intendedAt" | "startedAt" | "endedAt" | "ending"> {
  readonly conversationId: string;
  /** How many spoke in it, this one among them. */
  readonly sessions: number;
}

export interface NewSession {
  readonly id: string;
  readonly profileId: string;
  readonly attempt: number;
  readonly kind: SessionKind;
  readonly subject: string;
  readonly lane: string;
  readonly backend: string;
  /** Default: the backend's own choice. */
  readonly model?: string | null;
  /** Default: the backend's name. */
  readonly account?: string;
  readonly pool?: string | null;
  readonly runDir: string;
  readonly worktreePath: string;
  readonly branch: string;
  readonly startSha: string;
  readonly conversation?: Conversation | null;
  readonly resumes?: Resumption | null;
}
