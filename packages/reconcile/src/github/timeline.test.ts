import { describe, expect, it } from "vitest";
import { assembleTimeline, normaliseTimelineEntry } from "./timeline.ts";

const read = (raw: readonly unknown[]) =>
  assembleTimeline(raw.map(normaliseTimelineEntry).filter((entry) => entry !== null));
const ann = { login: "ann" };
const at = "2024-01-01T00:00:00Z";
const instant = Date.UTC(2024, 0, 1);

it("keeps the order of what it is told, over all kinds", () => {
  const timeline = read([
    { event: "labeled", actor: ann, label: { name: "go" }, created_at: at },
    { event: "subscribed", actor: ann, created_at: at },
    { event: "renamed", actor: ann, rename: { from: "a", to: "b" }, created_at: at },
    { event: "commented", id: 5, user: ann, actor: ann, body: "Hi", created_at: at, updated_at: at },
    { event: "committed", sha: "c1" },
    { event: "reviewed", id: 6, user: ann, state: "APPROVED", body: null, commit_id: "c1", submitted_at: at },
    { event: "head_ref_force_pushed", actor: ann, commit_id: "c2", created_at: at },
    { event: "unlabeled", actor: ann, label: { name: "go" }, created_at: at },
  ]);
  expect(timeline).toEqual({
    labelActs: [
      { order: 0, kind: "added", label: "go", actor: "ann", at: instant },
      { order: 6, kind: "removed", label: "go", actor: "ann", at: instant },
    ],
    renames: [{ order: 1, actor: "ann", at: instant }],
    comments: [{ order: 2, id: 5, author: "ann", body: "Hi", createdAt: instant, updatedAt: instant }],
    reviews: [{ order: 4, id: 6, author: "ann", state: "approved", body: "", headSha: "c1", at: instant }],
    pushes: [
      { order: 3, kind: "commit", sha: "c1" },
      { order: 5, kind: "force-push", sha: "c2" },
    ],
  });
});

it.each([
  null,
  7,
  "labeled",
  [],
  {},
  { event: null },
  { event: "toString" },
  { event: "not-yet-invented", actor: null },
])("%j is no entry", (raw) => {
  expect(normaliseTimelineEntry(raw)).toBeNull();
});

describe("what is missing never grants anything", () => {
  it.each([undefined, null, {}, { login: null }, { login: 7 }, { login: "" }])("actor %j is nobody", (actor) => {
    const timeline = read([
      { event: "labeled", actor, label: { name: "go" }, created_at: at },
      { event: "commented", id: 1, user: actor, actor: ann, body: "Do it", created_at: at, updated_at: at },
      { event: "reviewed", id: 2, user: actor, actor: ann, state: "approved", commit_id: "c", submitted_at: at },
      { event: "renamed", actor, created_at: at },
    ]);
    const names = [timeline.labelActs[0]?.actor, timeline.comments[0]?.author, timeline.reviews[0]?.author];
    expect([...names, timeline.renames[0]?.actor]).toEqual(["ghost", "ghost", "ghost", "ghost"]);
  });

  it.each([undefined, null, "", "yesterday", 5])(
    "a time of %j is the oldest for trust and the newest against it",
    (time) => {
      const timeline = read([
        { event: "labeled", actor: ann, label: { name: "go" }, created_at: time },
        { event: "reviewed", id: 1, user: ann, state: "approved", commit_id: "c", submitted_at: time },
        { event: "commented", id: 2, user: ann, body: "x", created_at: time, updated_at: time },
        { event: "renamed", actor: ann, created_at: time },
      ]);
      expect([timeline.labelActs[0]?.at, timeline.reviews[0]?.at, timeline.comments[0]?.createdAt]).toEqual([0, 0, 0]);
      for (const late of [timeline.renames[0]?.at, timeline.comments[0]?.updatedAt]) {
        expect(late).toBeGreaterThan(Date.UTC(3000, 0, 1));
      }
    },
  );

  it("a review in a state we do not know approves nothing, and one without a head is for no head", () => {
    const [review] = read([{ event: "reviewed", user: ann, state: "superapproved" }]).reviews;
    expect(review).toMatchObject({ state: "commented", headSha: null, body: "" });
  });

  it("a push without a commit is of no commit, and a label without a name none", () => {
    const timeline = read([{ event: "committed" }, { event: "head_ref_force_pushed" }, { event: "labeled" }]);
    expect(timeline.pushes.map((push) => push.sha)).toEqual(["", ""]);
    expect(timeline.labelActs).toMatchObject([{ label: "", actor: "ghost" }]);
  });
});
