import { describe, expect, it } from "vitest";
import type { Ending, FailureReason, Json, ResumePolicy, Session } from "../../domain/index.ts";
import { decideResume, type ResumeFacts } from "./decide-resume.ts";

const hour = 3_600_000;
const now = 1_800_000_000_000;
const [base, newBase, work] = ["b", "d", "c"].map((letter) => letter.repeat(40)) as [string, string, string];
const policy: ResumePolicy = { enabled: true, nativeTries: 2, maxAgeMs: 24 * hour };
const speaks = { model: "m", trust: "opted-in-issue x", people: ["ann"], text: "t" };
const nativeSessionId = "01a1fcff-b5f3-7531-9829-61c88f2a6a1b";
const allFound = { isStateThere: true, arePeopleTrusted: true, isWorkThere: true };

interface Past extends Partial<Omit<Session, "ending">> {
  readonly ending?: Partial<Ending>;
  readonly reason?: FailureReason;
  readonly headSha?: string | null;
}

/** A session that was tried again because its checks failed. */
function session({ ending = {}, reason = "verification-failed", headSha = work, ...over }: Past = {}): Session {
  return {
    id: "s1",
    taskId: 1,
    attempt: 1,
    kind: "agent",
    lane: "issue-implementation",
    backend: "claude",
    state: "concluded",
    outcome: "try-again",
    startSha: base,
    conversation: { id: "s1", ...speaks },
    resumes: null,
    evidence: { reason, headSha } as Json,
    ending: { exitReason: "finished", failureReason: null, endedAt: now - hour, nativeSessionId, usage: {}, ...ending },
    ...over,
  } as Session;
}

const facts = (earlier: readonly Session[], over: Partial<ResumeFacts> = {}): ResumeFacts => ({
  now,
  policy,
  task: { id: 1, lane: "issue-implementation", attempts: 2 },
  backend: "claude",
  speaks,
  startSha: newBase,
  earlier,
  found: allFound,
  ...over,
});

const decided = (past: Past, over: Partial<ResumeFacts> = {}) => decideResume(facts([session(past)], over));
const told = (past: Past, over: Partial<ResumeFacts> = {}) => {
  const { rung, because } = decided(past, over);
  return `${rung}: ${because}`;
};

describe("the rung of one more attempt", () => {
  it("is the conversation itself, on the work that it left, counted from where it started", () => {
    expect(decided({})).toMatchObject({
      rung: "native",
      start: { worktreeSha: work, startSha: base, isWorkCarried: true },
    });
  });

  it.each<[string, Past, Partial<ResumeFacts>, string]>([
    ["nothing stands against it", {}, {}, "native: goes-on"],
    ["its checks timed out", { reason: "verification-timed-out" }, {}, "native: goes-on"],
    ["its report was invalid", { reason: "invalid-result-contract" }, {}, "native: goes-on"],
    ["it stalled", { ending: { exitReason: "stalled" } }, {}, "native: goes-on"],
    ["it ran over its time", { ending: { exitReason: "timed-out", failureReason: "timeout" } }, {}, "native: goes-on"],
    ["a quota stopped it", { ending: { failureReason: "provider-quota-limit" } }, {}, "native: goes-on"],
    ["it was stopped with the runtime", { outcome: "not-started" }, {}, "native: goes-on"],
    ["its state is gone", {}, { found: { ...allFound, isStateThere: false } }, "digest: state-gone"],
    ["its work is gone", {}, { found: { ...allFound, isWorkThere: false } }, "digest: work-moved"],
    ["the base it failed on is broken", { reason: "baseline-broken" }, {}, "digest: work-moved"],
    ["somebody in it counts no more", {}, { found: { ...allFound, arePeopleTrusted: false } }, "digest: other-trust"],
    ["whose words count has changed", {}, { speaks: { ...speaks, trust: "pull-request x" } }, "digest: other-trust"],
    ["the profile has another backend", {}, { backend: "codex" }, "digest: other-backend"],
    ["the profile has another model", {}, { speaks: { ...speaks, model: "n" } }, "digest: other-model"],
    ["it is too old", { ending: { endedAt: now - 25 * hour } }, {}, "digest: too-old"],
    ["it filled its context", { ending: { failureReason: "context-length-exceeded" } }, {}, "digest: ended-for-good"],
    ["its login was refused", { ending: { failureReason: "auth-401" } }, {}, "digest: ended-for-good"],
    ["its account was banned", { ending: { failureReason: "account-banned" } }, {}, "digest: ended-for-good"],
    ["its backend keeps none", { conversation: null }, {}, "digest: no-conversation"],
    ["it never said its id", { ending: { nativeSessionId: null } }, {}, "digest: no-conversation"],
    ["its id looks like a flag", { ending: { nativeSessionId: "--config=x" } }, {}, "digest: no-conversation"],
    ["its rung has no tries", {}, { policy: { ...policy, nativeTries: 0 } }, "digest: tries-used-up"],
    ["the profile wants none of it", {}, { policy: { ...policy, enabled: false } }, "fresh: disabled"],
    ["a person stopped it", { outcome: "cancelled" }, {}, "fresh: person-said-stop"],
    ["it is not concluded", { state: "ended" }, {}, "fresh: not-concluded"],
  ])("when %s", (_, past, over, expected) => {
    expect(told(past, over)).toBe(expected);
  });

  it("is nothing for the first", () => {
    expect(decideResume(facts([]))).toEqual({ rung: "fresh", from: null, because: "first" });
  });

  it("goes down after its tries, and what was not charged takes none of them", () => {
    const resumes = { sessionId: "s1", nativeSessionId, rung: "native" } as const;
    const after = (attempts: readonly number[], next: number) =>
      decideResume(
        facts([session(), ...attempts.map((attempt) => session({ id: `s${attempt}`, attempt, resumes }))], {
          task: { id: 1, lane: "issue-implementation", attempts: next },
        }),
      ).rung;
    expect(after([2], 3)).toBe("native");
    expect(after([2, 3], 4)).toBe("digest");
    expect(after([2, 2, 2], 2)).toBe("native");
  });

  it("is never again a conversation that the backend refused, whoever came after it", () => {
    const refused = session({ id: "s2", ending: { failureReason: "resume-refused" } });
    expect(decideResume(facts([session(), refused]))).toMatchObject({ rung: "digest", because: "refused-before" });
    expect(decideResume(facts([session(), refused, session({ id: "s3" })]))).toMatchObject({ rung: "digest" });
  });

  it("follows the newest alone: another one has worked on the files since", () => {
    const digest = session({ id: "s2", conversation: null });
    expect(decideResume(facts([session(), digest]))).toMatchObject({ rung: "digest", from: { id: "s2" } });
  });
});

describe("another task of the same subject", () => {
  const issue = (lane: string): Partial<ResumeFacts> => ({ task: { id: 2, lane, attempts: 1 } });
  const round = { task: { id: 2, lane: "pr-fix", attempts: 1 }, startSha: work };
  const fixed = { lane: "pr-fix", outcome: "published", startSha: base };

  it.each<[string, Past, Partial<ResumeFacts>, string]>([
    [
      "a recovery goes on with what was blocked",
      { outcome: "needs-human" },
      issue("blocked-recovery"),
      "native: goes-on",
    ],
    ["a recovery never with a check", { lane: "scheduled-check" }, issue("blocked-recovery"), "fresh: other-lane"],
    ["a check never with an earlier one", { lane: "scheduled-check" }, issue("scheduled-check"), "fresh: other-lane"],
    ["a cycle never with a done one", { outcome: "published" }, issue("issue-implementation"), "fresh: work-is-done"],
    [
      "another text never with work a person stopped",
      { outcome: "cancelled" },
      issue("issue-implementation"),
      "fresh: person-said-stop",
    ],
    [
      "without a conversation it starts from nothing",
      { conversation: null },
      issue("issue-implementation"),
      "fresh: no-conversation",
    ],
    ["a fix goes on with the fix it was pushed by", fixed, round, "native: goes-on"],
    ["a fix of a head that a person pushed does not", fixed, { ...round, startSha: newBase }, "fresh: work-moved"],
    [
      "a second review is independent",
      { lane: "pr-review" },
      { task: { id: 2, lane: "pr-review", attempts: 1 } },
      "fresh: other-lane",
    ],
    ["a fix is no review's", { lane: "pr-review" }, round, "fresh: other-lane"],
  ])("%s", (_, past, over, expected) => {
    expect(told(past, over)).toBe(expected);
  });

  it("the next fix starts at the head that was pushed, and counts from there", () => {
    expect(decided(fixed, round)).toMatchObject({
      start: { worktreeSha: work, startSha: work, isWorkCarried: false },
    });
  });
});

describe("where it starts", () => {
  it("an agent that changed nothing starts from the base as it is now", () => {
    for (const headSha of [base, null]) {
      expect(decided({ headSha })).toMatchObject({
        start: { worktreeSha: newBase, startSha: newBase, isWorkCarried: false },
      });
    }
  });

  it.each(["scheduled-check", "pr-review"])("%s: nothing it changed is kept", (lane) => {
    const over = { task: { id: 1, lane, attempts: 2 }, startSha: base };
    expect(decided({ lane }, over)).toMatchObject({
      rung: "native",
      start: { worktreeSha: base, isWorkCarried: false },
    });
  });

  it("a repair goes on with its own work on the head it was given", () => {
    const over = { task: { id: 1, lane: "pr-merge-repair", attempts: 2 }, startSha: base };
    expect(decided({ lane: "pr-merge-repair" }, over)).toMatchObject({
      start: { worktreeSha: work, startSha: base, isWorkCarried: true },
    });
  });
});
