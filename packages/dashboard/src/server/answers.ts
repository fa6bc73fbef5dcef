import type { Context } from "hono";

/** Every answer that is no success: what is wrong, for programs and people. */
export interface ErrorEnvelope {
  readonly error: { readonly code: string; readonly message: string };
}

type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 416 | 429 | 500 | 503;

export const failed = (c: Context, status: ErrorStatus, code: string, message: string): Response =>
  c.json({ error: { code, message } } satisfies ErrorEnvelope, status);

/** Answers of the API are of this moment. */
export const notStored = { "cache-control": "no-store" } as const;
