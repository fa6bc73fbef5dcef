import { expect, it } from "vitest";
import type { Ending, Session } from "../../domain/index.ts";
import { mayGoOn } from "./may-go-on.ts";

const ending = {
  ...{ failureReason: null, nativeSessionId: "01a1fcff-b5f3", processes: { killed: 0, survivors: 0 } },
} as Partial<Ending> as Ending;
const tried: Parameters<typeof mayGoOn>[0] = {
  ...{ state: "concluded", outcome: "try-again", lane: "issue-implementation", ending },
};

it.each<[string, boolean, Partial<Session>]>([
  ["under way", true, { state: "running", outcome: null, ending: null }],
  ["ended, and not judged yet", true, { state: "ended", outcome: null }],
  ["tried again later", true, {}],
  ["that waits for a person", true, { outcome: "needs-human" }],
  ["whose work is done", false, { outcome: "published" }],
  ["whose repair was published: its pull request may want another", true, { outcome: "published", lane: "pr-fix" }],
  ["that a person stopped", false, { outcome: "cancelled", lane: "pr-fix" }],
  ["without an ending", false, { ending: null }],
  ["of which the backend named no conversation", false, { ending: { ...ending, nativeSessionId: null } }],
  ["whose conversation is too long", false, { ending: { ...ending, failureReason: "context-length-exceeded" } }],
  ["that failed as any may", true, { ending: { ...ending, failureReason: "verification-failed" } }],
  ["that left a process", false, { ending: { ...ending, processes: { killed: 1, survivors: 1 } } }],
])("with the conversation of a session %s: %s", (_, goesOn, over) => {
  expect(mayGoOn({ ...tried, ...over })).toBe(goesOn);
});
