/**
 * Why a candidate does not start now. One primary reason per candidate and tick, from the function that decides;
 * `acp why`, `status` and the event log show these codes and texts.
 */
export const holdReasons = {
  "not-open": "the issue is not open",
  "not-opted-in": "it does not carry the opt-in label",
  "opt-in-unchecked": "who set the opt-in label could not be read yet",
  "opt-in-untrusted": "the opt-in label was set by someone without the permission the profile asks for",
  held: "a person holds it with the hold label",
  blocked: "it is marked as blocked and waits for a person",
  "linked-pull-request": "an open pull request already works on it",
  publishing: "its result is on the way to the forge",
  "publish-failed": "a write that was to show its result failed; see acp outbox list, and retry or drop it there",
  "already-worked": "this revision of it was worked already; edit the issue to have it worked again",
  "dead-letter": "it needs a person; take the blocked label off, or edit the issue, to have it tried again",
  cancelled: "a person cancelled it; edit the issue to have it worked again",
  running: "a session works on it now",
  backoff: "it failed before and waits for its next try",
  snoozed: "it waits, without having failed",
  "provider-cooldown": "the provider of its backend is cooling down",
  "workers-full": "all workers of the profile are busy",
  "launch-limit": "this tick has launched as many as it may; it is next in line",
  "open-pr-limit": "too many open agent pull requests wait for people",
  draining: "the runtime is stopping and starts nothing new",
  "forge-rate-limited": "the forge asked us to wait; nothing is asked before then",
  "forge-unreachable": "the forge cannot be reached",
  "forge-refused": "the forge refuses our token or our request",
} as const;

export type HoldReason = keyof typeof holdReasons;
