import type { FailureReason } from "./domain/reason.ts";

/**
 * You can fix it: a bad flag, a bad profile, a missing tool. Printed as one message without a stack.
 * Exit code 2 unless the thrower names another: 64 wrong usage, 66 profile not installed.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly exitCode: number;

  constructor(message: string, options: { readonly exitCode?: number; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? 2;
  }
}

/** A session was refused before anything of it was made, for a reason that says nothing of its work: its provider's. */
export class LaunchRefused extends UserError {
  readonly failureReason: FailureReason;

  constructor(failureReason: FailureReason, message: string) {
    super(message);
    this.failureReason = failureReason;
  }
}
