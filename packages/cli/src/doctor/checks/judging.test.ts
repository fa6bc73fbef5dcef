// Tables of facts that cannot be planted on a machine at hand, and the twins that are well.
import { expect, it } from "vitest";
import { type BackendFacts, judgeBackends } from "./backends.ts";
import { judgeDisks } from "./disk.ts";
import { judgeFolders } from "./folders.ts";
import { judgeInstallation } from "./installation.ts";
import { judgeProcesses } from "./processes.ts";
import { judgePrograms } from "./programs.ts";
import { judgeRuntime } from "./runtime.ts";

const codes = (findings: readonly { readonly code: string; readonly level: string }[]) =>
  findings.filter(({ level }) => level !== "ok").map(({ code }) => code);

it.each([
  [{ node: "20.18.3", git: "2.39.5", lacking: [] }, ["node-too-old"]],
  [{ node: "20.19.0", git: "2.38.0", lacking: [] }, []],
  [{ node: "24.1.0", git: "2.37.9", lacking: null }, ["git-too-old"]],
  [{ node: "22.0.0", git: null, lacking: null }, ["git-missing"]],
  [{ node: "22.0.0", git: "3.0", lacking: ["fatal: no"] }, ["git-feature-missing"]],
])("programs %j: %j", (facts, wanted) => {
  expect(codes(judgePrograms(facts))).toEqual(wanted);
});

const disk = { folder: "/home", freeMb: 5_000, leastMb: 1_024, inodes: { free: 900_000, total: 1_000_000 } };
it.each([
  [disk, []],
  [{ ...disk, freeMb: 1_000 }, ["disk-low"]],
  [{ ...disk, freeMb: 50, leastMb: 0 }, ["disk-low"]],
  [{ ...disk, freeMb: 70, leastMb: 0 }, []],
  [{ ...disk, inodes: { free: 10, total: 1_000_000 } }, ["inodes-low"]],
  [{ ...disk, inodes: null }, []],
])("a disk %j: %j", (facts, wanted) => {
  expect(codes(judgeDisks([facts]))).toEqual(wanted);
});

const link = { path: "/h/runtime-home/current", leadsTo: "versions/1.0.0", isThere: true };
const current = { id: "1.0.0", version: "1.0.0", problem: null };
const service = { name: "acp-web.service", profileId: "web", lingers: null, problems: [] };
it.each([
  [{ link: null, current: null, services: [] }, []],
  [{ link, current, services: [service] }, []],
  [{ link: { ...link, isThere: false }, current: null, services: [] }, ["version-link-broken"]],
  [{ link, current: { ...current, problem: "Node is gone" }, services: [] }, ["version-broken"]],
  [{ link, current: { ...current, version: "0.9.0" }, services: [] }, ["version-differs"]],
  [
    {
      link,
      current,
      services: [{ ...service, problems: [{ found: "it ended badly", fix: "start it", command: null }] }],
    },
    ["service-broken"],
  ],
  [
    {
      link,
      current,
      services: [
        {
          ...service,
          lingers: false,
          problems: [{ found: "it ends", fix: "let it", command: "loginctl enable-linger" }],
        },
      ],
    },
    ["service-not-lingering"],
  ],
])("an installation %j: %j", (facts, wanted) => {
  expect(codes(judgeInstallation({ version: "1.0.0", ...facts }))).toEqual(wanted);
});

const lease = { taskId: 7, subject: "issue:1", expiresAt: 900_000, heartbeatAt: 880_000, hasOpenSession: false };
const work = {
  profileId: "web",
  rulesProblems: [],
  tickError: null,
  expired: [],
  lost: [],
  deadLetters: 0,
  deadTasks: 0,
};
const daemon = {
  id: "r",
  pid: 1,
  version: "1.0.0",
  profileIds: ["web"],
  heartbeatAt: 995_000,
  state: "ready" as const,
  isAlive: true,
};
it.each([
  ["a lease that ran out with nobody there", [], { expired: [lease] }, ["lease-stale"]],
  ["one of a session that is not concluded", [], { expired: [{ ...lease, hasOpenSession: true }] }, []],
  ["one whose holder spoke a moment ago", [], { expired: [{ ...lease, heartbeatAt: 990_000 }] }, []],
  ["one beside a daemon, which takes it back", [daemon], { expired: [{ ...lease, expiresAt: 990_000 }] }, []],
  ["one that a daemon did not take back", [daemon], { expired: [lease] }, ["lease-stale"]],
  [
    "a lost session beside a daemon, which concludes it",
    [daemon],
    { lost: [{ id: "s", subject: "issue:1", startedAt: null }] },
    [],
  ],
  ["a tick that failed", [daemon], { tickError: "no" }, ["daemon-rules"]],
  ["work that used up its tries", [], { deadTasks: 2 }, ["task-dead"]],
])("%s", (_, daemons, own, wanted) => {
  const facts = { now: 1_000_000, version: "1.0.0", daemons, pauses: [], profiles: [{ ...work, ...own }] };
  expect(codes(judgeRuntime(facts))).toEqual(wanted);
});

it("processes under a living wrapper are nobody's orphans", () => {
  const marked = { sessionId: "s1-a", profileId: "web", pids: [1], state: "running" as const, isWrapperAlive: true };
  expect(codes(judgeProcesses([marked, { ...marked, sessionId: "s2-b" }]))).toEqual([]);
  expect(codes(judgeProcesses([marked, { ...marked, sessionId: "s2-b", isWrapperAlive: false }]))).toEqual([
    "orphan-process",
  ]);
});

it("without a store no folder is taken for left behind; beside a daemon an ended session's worktree is its to remove", () => {
  const worktree = { path: "/w/s1-a", sessionId: "s1-a", kind: "complete" as const, session: "none" as const };
  const run = { path: "/r/s1-a", sessionId: "s1-a", hasMark: true, pid: 7, session: "none" as const };
  const facts = {
    now: 0,
    profileId: "web",
    isServed: false,
    isStoreKnown: true,
    worktrees: [worktree],
    runs: [run],
    gitLocks: [],
  };
  expect(codes(judgeFolders(facts))).toEqual(["orphan-worktree", "orphan-run-folder"]);
  expect(codes(judgeFolders({ ...facts, isStoreKnown: false }))).toEqual([]);
  const ended = { ...facts, runs: [], worktrees: [{ ...worktree, session: "concluded" as const }] };
  expect(codes(judgeFolders(ended))).toEqual(["orphan-worktree"]);
  expect(codes(judgeFolders({ ...ended, isServed: true }))).toEqual([]);
  const atWork = { ...run, session: "unknown" as const };
  const unknown = { ...facts, runs: [atWork], worktrees: [{ ...worktree, session: "unknown" as const }] };
  expect(codes(judgeFolders(unknown))).toEqual(["session-unknown"]);
});

const report: BackendFacts = {
  ...{ name: "opencode", ok: true, version: "1.0.0", isTested: true, login: "key", model: "m", modelState: "listed" },
  ...{ lacks: null, problem: null, profileId: "web", file: "/p" },
};
const backendCases: [BackendFacts, readonly string[]][] = [
  [report, []],
  [{ ...report, isTested: null }, []],
  [{ ...report, isTested: false }, ["backend-untested"]],
  [{ ...report, modelState: "not-listed" }, ["backend-model"]],
  [
    { ...report, ok: false, lacks: "setting", modelState: "not-listed", problem: "does not know the model" },
    ["backend-setting"],
  ],
  [{ ...report, ok: false, lacks: "login", problem: "no key" }, ["backend-login"]],
  [{ ...report, ok: false, lacks: "program", problem: "not there" }, ["backend-program"]],
];
it.each(backendCases)("a backend %j: %j", (facts, wanted) => {
  expect(codes(judgeBackends([facts]))).toEqual(wanted);
});
