import { describe, expect, it } from "vitest";
import type { Conversation, Json, Permission, Session, Task } from "../../domain/index.ts";
import { arePeopleTrusted, conversationOf } from "./conversation-of.ts";
import { decideForgotten, mostConversations } from "./decide-forgotten.ts";
import { earlierAttempts } from "./earlier-attempts.ts";

const trust = { labels: ["write"], comments: ["write"] } as const;
const policy = { trust };
const issue = (over: Record<string, Json> = {}): Task =>
  ({
    lane: "issue-implementation",
    payload: {
      ...{ kind: "issue", number: 1, title: "T", body: "B" },
      comments: [{ author: "Ann", body: "first" }],
      ...over,
    },
  }) as unknown as Task;

describe("what a conversation holds", () => {
  it("is another trust for a pull request's branch, and when other people count", () => {
    const one = conversationOf(issue(), policy, "m");
    expect(conversationOf({ ...issue(), lane: "pr-fix" }, policy, "m").trust).not.toBe(one.trust);
    const wider = { trust: { ...trust, comments: ["write", "read"] as const } };
    expect(conversationOf(issue(), wider, "m").trust).not.toBe(one.trust);
    expect(conversationOf(issue({ title: "Other" }), policy, "m").trust).toBe(one.trust);
  });

  it("is another text when the title, the body or a comment is", () => {
    const text = conversationOf(issue(), policy, null).text;
    for (const over of [{ title: "U" }, { body: "C" }, { comments: [{ author: "Ann", body: "second" }] }])
      expect(conversationOf(issue(over), policy, null).text).not.toBe(text);
    expect(conversationOf(issue({ revision: "r" }), policy, null).text).toBe(text);
  });

  it("is not gone on with when one of its people counts no more, or nobody knows", () => {
    const { people } = conversationOf(issue(), policy, null);
    const known = (level: string) => new Map([["ann", { login: "ann", level, checkedAt: 1 } as Permission]]);
    const trusted = (permissions: ReadonlyMap<string, Permission>, selfLogin: string | null = null) =>
      arePeopleTrusted({ people }, { permissions, policy, selfLogin });
    expect(trusted(known("write"))).toBe(true);
    expect(trusted(known("read"))).toBe(false);
    expect(trusted(new Map())).toBe(false);
    expect(trusted(new Map(), "ann")).toBe(true);
  });
});

describe("conversations on disk", () => {
  const now = 1_000_000;
  const resume = { enabled: true, nativeTries: 2, maxAgeMs: 1_000 };
  const spoke = (id: string, endedAt: number, state = "concluded") =>
    ({ state, intendedAt: endedAt, ending: { endedAt }, conversation: { id } as Conversation }) as Session;

  it.each<[string, readonly Session[], boolean]>([
    ["young", [spoke("a", now - 900)], false],
    ["old", [spoke("a", now - 1_100)], true],
    ["old, with a young session after it", [spoke("a", now - 1_100), spoke("a", now - 5)], false],
    ["old, and spoken in now", [spoke("a", now - 1_100), spoke("a", now - 1_100, "running")], false],
    ["of nobody", [], true],
  ])("one that is %s", (_, sessions, isForgotten) => {
    expect(decideForgotten(["a"], sessions, resume, now)).toEqual(isForgotten ? ["a"] : []);
  });

  it("the oldest go where there are too many, and all where none is wanted", () => {
    const ids = Array.from({ length: mostConversations + 2 }, (_, index) => `c${index}`);
    const sessions = ids.map((id, index) => spoke(id, now - index));
    expect(decideForgotten(ids, sessions, resume, now)).toEqual(ids.slice(-2));
    expect(decideForgotten(ids, sessions, { ...resume, enabled: false }, now)).toEqual(ids);
  });
});

describe("what was tried", () => {
  const evidence = {
    reason: "verification-failed",
    summary: "test ended with 1",
    headSha: "c".repeat(40),
    files: [{ path: "src/a.ts" }],
    verification: [
      { name: "lint", command: "npm run lint", exitCode: 0, tail: "fine" },
      { name: "test", command: "npm test", exitCode: 1, tail: `${"x".repeat(5_000)}the end` },
    ],
  };
  const tried = (over: Partial<Session> = {}) =>
    ({ attempt: 1, outcome: "try-again", evidence, ending: { exitReason: "finished" }, ...over }) as unknown as Session;

  it("is the host's own: reason, failing checks with the end of what they printed, files", () => {
    const [attempt] = earlierAttempts([tried()]);
    expect(attempt).toMatchObject({ attempt: 1, reason: "verification-failed", files: ["src/a.ts"] });
    expect(attempt?.failedChecks.map(({ name }) => name)).toEqual(["test"]);
    expect(attempt?.failedChecks[0]?.tail).toMatch(/the end$/);
    expect(attempt?.failedChecks[0]?.tail.length).toBe(3_000);
  });

  it("is told of the newest few, without those that cost nothing", () => {
    const many = [1, 2, 3, 4, 5].map((attempt) => tried({ attempt }));
    expect(
      earlierAttempts([...many, tried({ attempt: 6, outcome: "not-started" }), tried({ attempt: 6 })]),
    ).toHaveLength(4);
    expect(earlierAttempts([tried({ evidence: null })])[0]).toMatchObject({ reason: "unknown", files: [] });
  });
});
