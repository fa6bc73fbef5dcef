import { type DeadLetterCode, ForgeError } from "@agent-control-plane/core";

/** A definite no that we say ourselves, after reading the forge; nothing was sent. */
export function refusal(code: DeadLetterCode, message: string): ForgeError {
  return new ForgeError("refused", message, { code });
}

/** A definite no of the forge with one of these statuses. */
export function isRefused(error: unknown, ...statuses: readonly number[]): error is ForgeError {
  return error instanceof ForgeError && error.failure === "refused" && statuses.includes(error.details.status ?? 0);
}

/** The forge's no, under the name the outbox has for it. */
export function renamed(error: ForgeError, code: DeadLetterCode): ForgeError {
  const { status } = error.details;
  return new ForgeError("refused", error.message, { code, cause: error, ...(status === undefined ? {} : { status }) });
}

/** The write was answered as done and cannot be seen yet: looked at again later, sent again only if it is not there. */
export function notSeenYet(message: string): ForgeError {
  return new ForgeError("unreachable", message, { maybeApplied: true });
}
