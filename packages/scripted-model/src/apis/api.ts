import type { Asked, Fields } from "../asked.ts";
import type { Fault } from "../script.ts";
import type { Call } from "../tools/choose-tool.ts";

/** One vendor's way to ask a model and to be answered. Pure. */
export interface Api {
  readonly name: "responses" | "chat" | "messages" | "gemini" | "ollama";
  /** Is an answer asked for at this path (without the scenario's prefix and the query)? */
  isAskedAt(path: string): boolean;
  read(body: Fields, path: string): Asked;
  readonly streamType: string;
  /** The frames of a whole answer. */
  stream(asked: Asked, reply: Reply): readonly string[];
  /** The frames of an answer of text that has begun, and one more piece of it. */
  begin(asked: Asked): readonly string[];
  piece(asked: Asked, text: string): string;
  /** The same answer for one who did not ask for a stream. */
  whole(asked: Asked, reply: Reply): object;
  /** Frames that cannot be read. */
  readonly garbage: readonly string[];
  fault(fault: Fault, asked: Asked, reset: ResetTime): FaultAnswer;
}

export interface Reply {
  readonly text: string;
  readonly calls: readonly Call[];
}

export interface ResetTime {
  readonly at: Date;
  /** At least 1. */
  readonly inSeconds: number;
}

export interface FaultAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
  /** Sent instead of status and body to one who streams, where the vendor does so. */
  readonly frames?: readonly string[];
}

/** What every answer is said to have cost. */
export const tokens = { fresh: 1000, cached: 200, input: 1200, output: 34, total: 1234 } as const;

/** A frame of server-sent events. */
export function sse(data: object | string, event?: string): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${text}\n\n`;
}
