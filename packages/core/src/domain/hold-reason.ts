/**
 * Why a candidate does not start now, and what would change it. One primary reason per candidate and tick, from the
 * function that decides; `acp why`, `status` and the event log show these codes and texts. Codes are stable: scripts
 * read them.
 */
export const holdReasons = {
  // What people did, or did not do.
  "not-open": ["it is not open", "reopen it"],
  "not-opted-in": ["it does not carry the opt-in label", "somebody with permission sets the opt-in label"],
  "details-unread": ["what its list entry does not show could not be read yet", "the next ticks read it"],
  "opt-in-untrusted": [
    "the opt-in label was set by someone without the permission the profile asks for",
    "somebody with permission takes the label off and sets it again",
  ],
  "opt-in-voided": [
    "somebody without permission changed its text after it was opted in",
    "somebody with permission reads it, takes the opt-in label off and sets it again",
  ],
  held: ["a person holds it with the hold label", "take the hold label off"],
  blocked: ["it is marked as blocked and waits for a person", "take the blocked label off"],
  paused: ["a person paused the profile", '"acp runtime resume"'],
  cancelled: ["a person cancelled it", "edit it, or comment on it, to have it worked again"],
  // What it waits for.
  "depends-on": ["it waits for other issues", "the issues it names are closed as completed"],
  "dependency-not-planned": [
    "an issue it waits for was closed as not planned, or does not exist",
    "a person decides: take the dependency out of its text, or close it too",
  ],
  "dependency-cycle": ["it waits for itself, through others", "a person takes one of the dependencies out"],
  "sub-issues-open": ["its sub-issues are not done", "its sub-issues are closed"],
  "linked-pull-request": ["an open pull request already works on it", "the pull request is merged or closed"],
  "schedule-invalid": [
    "its schedule line cannot be followed",
    "somebody with permission corrects that line in its text",
  ],
  "model-unknown": [
    "its model label names none of the profile's models, or its labels name several",
    "the label is changed or taken off, or the model is added to execution.models in the profile",
  ],
  "lane-off": ["the profile does not run sessions of its lane", "the lane is added to lanes.enabled in the profile"],
  "not-due": ["its schedule says later", "the time it names comes"],
  resting: ["it is recurring, and its last cycle ended a short while ago", "its rest ends"],
  // What was done already.
  publishing: ["its result is on the way to the forge", "the writes are delivered; see acp outbox list"],
  "approval-needed": [
    "its work is done and touches what a person has to approve",
    "somebody with permission reads what its comment names, and sets the approval label",
  ],
  "publish-failed": [
    "a write that was to show its result failed",
    'take the blocked label off, or retry or drop the write with "acp outbox"',
  ],
  "already-worked": ["this revision of it was worked already", "edit it, or comment on it, to have it worked again"],
  "dead-letter": ["it needs a person", "take the blocked label off, or edit or answer it, to have it tried again"],
  running: ["a session works on it now", "the session ends"],
  backoff: ["it failed before and waits for its next try", "the time it names comes"],
  snoozed: ["it waits, without having failed", "the time it names comes"],
  "recovery-needs-base": [
    "it was blocked, and its recovery waits for the base branch",
    "the base branch moves on; or edit or answer it, or take the blocked label off",
  ],
  "recovery-cooldown": ["it was blocked, and its recovery waits", "the time it names comes"],
  // Pull requests.
  "not-managed": [
    "it is not on a branch of our agents and was not handed over",
    "somebody with permission sets the hand-off label",
  ],
  fork: [
    "its branch lies in a fork, which we never push to and never trust",
    "open it from a branch of the repository",
  ],
  draft: ["it is a draft", "somebody marks it ready for review"],
  "handoff-untrusted": [
    "the hand-off label was set by someone without the permission the profile asks for",
    "somebody with permission takes the label off and sets it again",
  ],
  "checks-pending": ["its checks are not finished", "the checks finish"],
  "merge-state-unknown": ["the forge has not said whether it can be merged", "the forge says so"],
  "human-review": [
    "its changes need a person's approval",
    "somebody with permission reviews this head and sets the approval label",
  ],
  "reviewers-requested": ["people were asked to review it", "they review it, or the request is taken back"],
  "ready-to-merge": ["all reviews of this head passed; merging is a person's", "somebody merges or closes it"],
  merging: ["the host merges it", "the forge shows it merged"],
  "in-merge-queue": ["it is in the merge queue of its base branch", "the queue merges it, or lets it go"],
  "merge-failed": [
    "the forge refused to merge this head",
    'a push to it; "acp outbox retry" of that row; or the hold label, set and taken off',
  ],
  "ci-refresh": ["the host asked for its failed checks to be run again", "the checks finish"],
  "base-checks-broken": [
    "its failed checks fail on the base branch too",
    "they pass on the base branch, or the base branch moves on",
  ],
  "ci-parked": [
    "its checks fail still, after they were run again and repaired as often as they may",
    "a person pushes to it, or sets the manual override label",
  ],
  "fix-limit": [
    "the agents repaired it as often as they may",
    "a person pushes to it, or sets the manual override label",
  ],
  "no-lane": ["nothing is to be done for it in this state", "its checks, reviews or labels change"],
  // Room.
  "workers-full": ["all workers of the profile are busy", "a session ends"],
  "lane-full": ["all workers of its lane are busy", "a session of that lane ends"],
  "heavy-full": ["all slots for heavy work are taken", "a heavy session ends"],
  "recurring-full": ["all slots for recurring work are taken", "a recurring session ends"],
  "exclusive-running": ["exclusive work runs alone, and it runs now", "that session ends"],
  "exclusive-waiting": ["exclusive work goes first and waits for the rest to end", "that work has been done"],
  "needs-quiet": ["it is exclusive, and others are still running", "the other sessions end"],
  "pull-requests-first": ["free workers are kept for pull requests", "the waiting pull requests have been served"],
  "launch-limit": ["this tick has launched as many as it may; it is next in line", "the next tick"],
  "open-pr-limit": ["too many open agent pull requests wait for people", "people merge or close some of them"],
  "provider-cooldown": [
    "every provider that may serve it has a limit that is in force",
    'the time it names comes, or the limit is taken back with "acp quota clear"',
  ],
  "provider-needs-person": [
    "every provider that may serve it refuses until a person does something",
    'what is named here is done, and the limit taken back with "acp quota clear"',
  ],
  "provider-probing": [
    "a limit of its provider has just ended, and one session tries it out",
    "that session gets on with its work, or ends",
  ],
  "provider-full": ["the backend runs as many sessions as it may on this host", "one of them ends"],
  "host-full": ["this host runs as many sessions as it may", "a session of any profile ends"],
  "fair-share": ["other profiles of this host wait for the workers that are left", "it is this profile's turn"],
  "host-memory-low": ["this host has too little free memory", "memory is freed"],
  "host-disk-low": ["this host has too little free disk space", "disk space is freed"],
  "host-load-high": ["this host is overloaded", "its load falls"],
  // Money.
  "budget-spent": ["it has spent what it may", 'somebody runs "acp budget raise" with its number'],
  "breaker-open": ["it spent and nothing came of it", 'somebody runs "acp budget raise" with its number'],
  "day-budget-spent": [
    "the profile has spent what it may in a day",
    'the day ends, in the profile\'s time zone, or "acp budget raise --day"',
  ],
  // The world around.
  "baseline-broken": ["the profile's checks fail on the base branch itself", "the base branch moves on"],
  draining: ["the runtime is stopping and starts nothing new", "the runtime is started again"],
  "forge-rate-limited": ["the forge asked us to wait; nothing is asked before then", "the time it names comes"],
  "forge-unreachable": ["the forge cannot be reached", "the forge answers again"],
  "forge-refused": ["the forge refuses our token or our request", "the token or the profile is put right"],
} as const satisfies Record<string, readonly [text: string, unblockedBy: string]>;

export type HoldReason = keyof typeof holdReasons;

export const isHoldReason = (reason: string): reason is HoldReason => Object.hasOwn(holdReasons, reason);

/** What holds it, in one line for people. */
export const holdText = (reason: HoldReason): string => holdReasons[reason][0];

/** The change that would let it go. */
export const unblockedBy = (reason: HoldReason): string => holdReasons[reason][1];

/** What goes on only when a person acts. What somebody decided so, such as a hold label, is not among them. */
const ofPersons: ReadonlySet<string> = new Set<HoldReason>([
  ...(["opt-in-untrusted", "opt-in-voided", "handoff-untrusted", "blocked", "dead-letter"] as const),
  ...(["dependency-not-planned", "dependency-cycle", "schedule-invalid", "model-unknown"] as const),
  ...(["approval-needed", "publish-failed", "human-review", "reviewers-requested", "ready-to-merge"] as const),
  ...(["merge-failed", "ci-parked", "fix-limit", "open-pr-limit", "provider-needs-person"] as const),
  ...(["budget-spent", "breaker-open", "forge-refused"] as const),
]);

export const waitsForPerson = (reason: string): reason is HoldReason => ofPersons.has(reason);
