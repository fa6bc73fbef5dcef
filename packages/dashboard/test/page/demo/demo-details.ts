import type { Details, FlowDocument, ItemDocument, Series, SessionDocument } from "../../../src/index.ts";
import { hour, minute, second, session, write } from "./demo-rows.ts";

const sha = (of: string): string => of.repeat(40);

/** What the demo tells of one thing at a time: an issue from its label to the merge, its session, a flow, a week. */
export function demoDetails(now: number): Partial<Details> {
  const worked = workedSession(now);
  return {
    item: async (_, subject) => (subject.startsWith("pr:") ? pullItem(now) : issueItem(now, worked)),
    session: async (id) => ({ ...worked, id, ...(id === worked.id ? {} : underWay) }),
    sessionDiff: async () => ({ files: [], patch, truncated: false }),
    sessionLog: async (id, log, { start, length }) => {
      const bytes = new TextEncoder().encode(log === "events" ? eventsLog(now, id === worked.id) : outputLog);
      const from = start < 0 ? Math.max(0, bytes.length + start) : Math.min(start, bytes.length);
      return { size: bytes.length, start: from, bytes: bytes.slice(from, from + length) };
    },
    flow: async (id) => demoFlow(now, id),
    series: async ({ hours }) => demoSeries(now, hours),
  };
}

/** What is not there yet of one that the profile's document shows as running. */
const underWay = {
  ...{
    state: "running",
    endedAt: null,
    outcome: null,
    exitReason: null,
    summary: null,
    evidence: null,
    hasDiff: false,
  },
};

const workedSession = (now: number): SessionDocument => ({
  ...session(now, "s-9039", "issue:409", 30),
  ...{ profileId: "web", title: "The cart loses its lines when a session ends", branch: "agent/409-cart-keeps-lines" },
  resumes: { sessionId: "s-9031", rung: "native" },
  ...{ state: "concluded", outcome: "published", exitReason: "finished", endedAt: now - 9 * minute, hasDiff: true },
  summary: "Cart lines are kept with the customer, and given to the next session.",
  evidence: {
    ...{ outcome: "published", reason: null, summary: "2 files, all checks passed.", commits: 2 },
    ...{ startSha: sha("a1"), headSha: sha("b2") },
    files: [
      { path: "src/cart/lines.ts", additions: 6, deletions: 2, status: "modified" },
      { path: "test/cart/lines.test.ts", additions: 9, deletions: 0, status: "added" },
    ],
    guards: [{ code: "weakened-tests", verdict: "flag", found: ["test/cart/lines.test.ts"] }],
    verification: [
      { name: "types", command: "npx tsc --noEmit", exitCode: 0, durationMs: 8_200, tail: "" },
      { name: "tests", command: "npm test", exitCode: 0, durationMs: 41_000, tail: "412 passed" },
    ],
  },
  logs: { events: 4_000, output: 900 },
});

function issueItem(now: number, worked: SessionDocument): ItemDocument {
  return {
    ...{ profileId: "web", subject: "issue:409", title: "The cart loses its lines when a session ends" },
    url: "https://github.com/acme/web/issues/409",
    decision: {
      ...{ profileId: "web", subject: "issue:409", lane: "issue-implementation", verdict: "hold" },
      ...{ reason: "already-worked", detail: "PR #411 is open for it", place: null, decidedAt: now - 8 * minute },
    },
    spent: { tokens: 412_000, usd: 1.84, sessions: 2 },
    sessions: [{ ...worked, id: "s-9031", outcome: "try-again", exitReason: "stalled", hasDiff: false }, worked],
    writes: [
      write(now, 70, "push-branch", 9, { state: "sent", sentAt: now - 9 * minute, tries: 1, preview: worked.branch }),
      write(now, 71, "open-pull-request", 9, {
        ...{ state: "sent", sentAt: now - 8 * minute, tries: 2, number: 411, preview: "Cart keeps its lines" },
      }),
    ],
    timeline: entries(now, 100, [
      [64, "r-2", "decision.changed", null, "hold  not-opted-in"],
      [52, "r-2", "decision.changed", null, "launch"],
      [52, "r-2", "task.claimed", null, ""],
      [52, "r-2", "session.started", "s-9031", "running"],
      [38, "s-9031", "session.ended", "s-9031", "stalled  no sign of progress for 8 minutes"],
      [38, "r-2", "task.released", null, "try again"],
      [30, "r-2", "session.started", "s-9039", "running"],
      [9, "s-9039", "session.ended", "s-9039", "finished"],
      [9, "r-2", "session.concluded", "s-9039", "published  2 files, all checks passed."],
      [9, "r-2", "outbox.queued", null, "push-branch"],
      [8, "r-2", "outbox.sent", null, "open-pull-request  #411"],
    ]),
  };
}

const pullItem = (now: number): ItemDocument => ({
  ...{ profileId: "web", subject: "pr:411", title: "Cart keeps its lines", url: null, decision: null, spent: null },
  ...{ sessions: [], writes: [] },
  timeline: entries(now, 200, [
    [7, "r-2", "decision.changed", null, "hold  checks-running"],
    [3, "ann", "outbox.sent", null, "merge"],
  ]),
});

type Told = readonly [ago: number, actor: string, kind: string, sessionId: string | null, text: string];

const entries = (now: number, first: number, told: readonly Told[]): ItemDocument["timeline"] =>
  told.map(([ago, actor, kind, sessionId, text], index) => ({
    ...{ seq: first + index, at: now - ago * minute, actor, kind, sessionId, text },
  }));

const patch = `diff --git a/src/cart/lines.ts b/src/cart/lines.ts
index 1..2 100644
--- a/src/cart/lines.ts
+++ b/src/cart/lines.ts
@@ -12,7 +12,10 @@ export class CartLines {
   readonly #lines = new Map<string, Line>();
 
-  constructor(session: Session) {
-    this.#lines = session.lines;
+  /** Lines are the customer's: they outlive the session. */
+  static async of(customer: Customer, store: LineStore): Promise<CartLines> {
+    const lines = new CartLines();
+    for (const line of await store.linesOf(customer.id)) lines.add(line);
+    return lines;
   }
 
   add(line: Line): void {
diff --git a/test/cart/lines.test.ts b/test/cart/lines.test.ts
new file mode 100644
--- /dev/null
+++ b/test/cart/lines.test.ts
@@ -0,0 +1,3 @@
+it("keeps the lines of a customer whose session ended", async () => {
+  expect((await CartLines.of(ann, store)).count).toBe(2);
+});
`;

const eventsLog = (now: number, isOver: boolean): string =>
  [
    { kind: "started", nativeSessionId: "c1", model: "sonnet-4.5" },
    { kind: "message", text: "I look at where the cart takes its lines from." },
    { kind: "tool-start", tool: "Grep", id: "1", detail: "CartLines" },
    { kind: "tool-end", tool: "Grep", id: "1", ok: true },
    { kind: "tool-start", tool: "Read", id: "2", detail: "src/cart/lines.ts" },
    { kind: "tool-end", tool: "Read", id: "2", ok: true },
    { kind: "message", text: "The lines hang on the session. They have to be the customer's." },
    { kind: "tool-start", tool: "Edit", id: "3", detail: "src/cart/lines.ts" },
    { kind: "tool-start", tool: "Bash", id: "4", detail: "npm test -- cart" },
    { kind: "tool-end", tool: "Bash", id: "4", ok: false },
    { kind: "error", message: "overloaded, trying again", transient: true },
    { kind: "tool-start", tool: "Bash", id: "5", detail: "npm test -- cart" },
    { kind: "usage", usage: { inputTokens: 180_000, outputTokens: 12_000, costUsd: 1.1 } },
    { kind: "result", ok: true, text: "Cart lines are kept with the customer." },
  ]
    .slice(0, isOver ? undefined : -2)
    .map((event, index) => JSON.stringify({ at: now - 30 * minute + index * 40 * second, ...event }))
    .join("\n")
    .concat("\n");

const outputLog = "\u001b[1mnpm test\u001b[0m\n\u001b[32m✓\u001b[39m cart/lines.test.ts (9)\n\n412 passed\n";

function demoFlow(now: number, id: string): FlowDocument {
  const task = (name: string, state: string, needs: readonly string[], more = {}) => ({
    ...{ id: name, worker: "claude", state, reason: null, summary: null, needs, attempts: 1 },
    ...{ startedAt: state === "waiting" ? null : now - 20 * minute, endedAt: null },
    ...more,
  });
  const done = { endedAt: now - 12 * minute };
  return {
    ...{ id, name: "move the search to the new index", state: "running", tasks: 9, ended: 3, running: 2, asking: 1 },
    goal: "Every search answers from the new index; nobody notices the day it changes.",
    ...{ startedAt: now - 25 * minute, endedAt: null, reason: null },
    shownTasks: [
      task("survey", "succeeded", [], { ...done, summary: "Four callers; two of them page by offset." }),
      task("schema", "succeeded", ["survey"], done),
      task("backfill", "running", ["schema"], { worker: "shell" }),
      task("writer", "succeeded", ["schema"], done),
      task("reader", "running", ["schema"], { attempts: 2 }),
      task("reader.judge", "waiting", ["reader"]),
      task("switch", "asking", ["backfill", "writer"], { reason: "Switch by flag, or at once?" }),
      task("remove-old", "waiting", ["switch", "reader.judge"]),
      task("report", "waiting", ["remove-old"]),
    ],
    decisions: [{ ref: "d41f0c22aa", question: "Switch by flag, or at once?", options: ["flag", "at once"] }],
  };
}

function demoSeries(now: number, hours: number): Series {
  const count = 200;
  const at = Array.from({ length: count }, (_, n) => now - ((count - 1 - n) * hours * hour) / (count - 1));
  const wave = (n: number, by: number, most: number) => Math.max(0, Math.round(most * (0.5 + 0.5 * Math.sin(n / by))));
  const columns = (of: (n: number) => number) => at.map((_, n) => of(n));
  return {
    at,
    running: columns((n) => wave(n, 17, 5)),
    waiting: columns((n) => wave(n, 29, 11)),
    pending: columns((n) => wave(n, 7, 3)),
    oldestWaitS: columns((n) => wave(n, 23, 1_800)),
    usd: columns((n) => Number(((n % 100) * 0.11).toFixed(2))),
    tokens: columns((n) => (n % 100) * 24_000),
    allowanceLeft: at.map((_, n) => (n > 60 && n < 70 ? null : 5_000 - ((n * 137) % 4_200))),
  };
}
