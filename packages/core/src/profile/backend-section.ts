import * as z from "zod";
import type { Lane } from "../domain/lane.ts";

/** What a profile says of one backend, checked: the keys are the file's own. */
export type BackendSettings = { readonly [key: string]: unknown };

/**
 * One backend as a profile knows it: `execution.<name>`. Which backends there are is not known here; whoever reads a
 * profile brings them, so that a new one is one file of its own.
 */
export interface BackendSection {
  /** Lower-case letters, digits, hyphens. */
  readonly name: string;
  /** A strict object of keys with defaults, so that a profile that does not use the backend need not name it. */
  readonly settings: z.ZodType<BackendSettings>;
  /** What a profile that uses it lacks. Absent, or null: nothing. */
  readonly lacks?: (settings: BackendSettings) => LackingSetting | null;
  /** The lanes it works when the profile does not say. Absent: all. */
  readonly usualLanes?: readonly Lane[];
}

export interface LackingSetting {
  readonly key: string;
  readonly message: string;
  readonly fix: string;
}

/** The value of a key that names a backend. */
export function backendName(backends: readonly BackendSection[]): z.ZodType<string> {
  const names = backends.map(({ name }) => name);
  return z.enum(names as [string, ...string[]]);
}
