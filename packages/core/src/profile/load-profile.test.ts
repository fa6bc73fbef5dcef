import { describe, expect, it } from "vitest";
import { backendSections } from "../../test/support/backend-sections.ts";
import { parseProfile } from "./load-profile.ts";

const file = "/home/ann/.agent-runtime/control-plane/profiles/web/control-plane.yaml";
const parse = (text: string, env: NodeJS.ProcessEnv = {}) =>
  parseProfile({
    text,
    file,
    env: { HOME: "/home/ann", ...env },
    runtimeHome: "/home/ann/.agent-runtime",
    backends: backendSections,
  });

/** The least a profile needs; text after it goes on at the top level. */
const least = "id: web\nrepo:\n  slug: octo/web\n";
const working = `${least}execution:\n  shell:\n    command: make fix\n`;

function profileOf(text: string, env?: NodeJS.ProcessEnv) {
  const parsed = parse(text, env);
  if (!parsed.ok) throw new Error(`not valid: ${JSON.stringify(parsed.problems)}`);
  return parsed.profile;
}

/** Each problem as `line:column path`, in the order reported. */
function placesOf(text: string, env?: NodeJS.ProcessEnv): readonly string[] {
  const parsed = parse(text, env);
  return parsed.ok ? [] : parsed.problems.map((p) => `${p.line}:${p.column} ${p.path}`.trim());
}

function onlyProblemOf(text: string, env?: NodeJS.ProcessEnv) {
  const parsed = parse(text, env);
  if (parsed.ok) throw new Error("expected a problem");
  expect(parsed.problems).toHaveLength(1);
  return parsed.problems[0];
}

describe("a valid profile", () => {
  it("gets defaults, derived folders and milliseconds", () => {
    const profile = profileOf(working);
    expect(profile.runtime).toEqual({
      agentRoot: "/home/ann/.agent-runtime/projects/web",
      worktreeRoot: "/home/ann/.agent-runtime/projects/web/worktrees",
      agentRepoRoot: "/home/ann/.agent-runtime/projects/web/anchor.git",
      runsRoot: "/home/ann/.agent-runtime/projects/web/runs",
      worktreePoolSize: 2,
    });
    expect(profile.scheduler).toEqual({ intervalMs: 15_000, leaseMs: 60_000, heartbeatMs: 10_000, drainMs: 30_000 });
    expect(profile.repo).toEqual({ slug: "octo/web", owner: "octo", name: "web", root: null, defaultBranch: null });
    expect(profile.forge.apiUrl).toBe("https://api.github.com");
    expect(profile.execution.limits).toEqual({
      startupMs: 120_000,
      stallMs: 300_000,
      toolMs: 900_000,
      wallClockMs: 3_600_000,
      graceMs: 10_000,
    });
  });

  it("is frozen through and through", () => {
    const profile = profileOf(working);
    expect(Object.isFrozen(profile)).toBe(true);
    expect(Object.isFrozen(profile.queue.trustedPermissions)).toBe(true);
  });

  it("keeps fractions of seconds, for tests that cannot wait", () => {
    const profile = profileOf(
      `${working}scheduler: { interval_seconds: 0.05, lease_seconds: 1, heartbeat_seconds: 0.2 }\n`,
    );
    expect(profile.scheduler).toMatchObject({ intervalMs: 50, leaseMs: 1000, heartbeatMs: 200 });
  });

  it("takes an empty value for the default", () => {
    const text = `${working}limits:\n  max_concurrent_workers:\nscheduler:\nforge:\n  api_url: ~\n`;
    const profile = profileOf(text);
    expect(profile.limits.maxConcurrentWorkers).toBe(2);
    expect(profile.forge.apiUrl).toBe("https://api.github.com");
  });

  it("takes checks as plain lines or with a name", () => {
    const { verification } = profileOf(
      `${working}verification:\n  commands: [npm test, { name: lint, command: npm run lint }]\n`,
    );
    expect(verification.commands).toEqual([
      { name: "npm test", command: "npm test" },
      { name: "lint", command: "npm run lint" },
    ]);
  });

  it("expands ~/ and reads a prompt path from beside the file", () => {
    const text = `id: web\nrepo: { slug: octo/web, root: ~/src/web }\nexecution: { coding_worker: claude }\nprompts: { issue: ~/p.md }\n`;
    expect(profileOf(text).repo.root).toBe("/home/ann/src/web");
    expect(profileOf(text).prompts.issue).toBe("/home/ann/p.md");
    expect(profileOf(text.replace("~/p.md", "templates/p.md")).prompts.issue).toBe(
      file.replace("control-plane.yaml", "templates/p.md"),
    );
  });

  it("leaves the local forge's addresses to the running forge", () => {
    expect(profileOf(`${working}forge: { provider: local }\n`).forge).toMatchObject({ apiUrl: null, gitUrl: null });
  });

  it("says where each value comes from", () => {
    const parsed = parse(working, { ACP_MAX_CONCURRENT_WORKERS: "7" });
    if (!parsed.ok) throw new Error("not valid");
    const from = (path: string) => parsed.effective.find((value) => value.path === path);
    expect(from("repo.slug")).toEqual({ path: "repo.slug", value: "octo/web", origin: "file", line: 3 });
    expect(from("limits.max_concurrent_workers")).toEqual({
      path: "limits.max_concurrent_workers",
      value: 7,
      origin: "env:ACP_MAX_CONCURRENT_WORKERS",
    });
    expect(from("limits.max_open_agent_prs")).toMatchObject({ value: 12, origin: "default" });
    expect(from("runtime.runs_root")).toMatchObject({ origin: "default" });
  });

  it("lets the environment choose the worker and the cooldowns", () => {
    const { execution } = profileOf(least, { ACP_CODING_WORKER: "codex", ACP_RETRY_COOLDOWNS: "0, 2.5" });
    expect(execution.codingWorker).toBe("codex");
    expect(execution.retry.cooldownsMs).toEqual([0, 2500]);
  });
});

describe("what is wrong with a profile", () => {
  it.each<[string, string, string, RegExp]>([
    ["broken YAML", "id: web\nrepo: [\n", "3:1", /Not valid YAML/],
    ["a tab as indentation", "id: web\nrepo:\n\tslug: octo/web\n", "3:1", /Not valid YAML/],
    ["two documents", `${working}---\nid: b\n`, "7:1", /Not valid YAML/],
    ["an unresolved alias", "id: *nobody\n", "1:5", /Not readable as values/],
    ["an empty file", "", "1:1", /does not hold a profile/],
    ["a list", "- id: web\n", "1:1", /does not hold a profile/],
    ["a doubled key", `${working}id: web\n`, "7:1", /stands twice/],
    ["an unknown key", `${working}limts: {}\n`, "7:1 limts", /Unknown key "limts".*limits/],
    ["an unknown nested key", `${working}limits: { maxWorkers: 2 }\n`, "7:11 limits.maxWorkers", /Unknown key/],
    ["a key from JavaScript's innards", `${working}__proto__: { a: 1 }\n`, "7:1 __proto__", /Unknown key/],
    [
      "a text for a number",
      `${working}limits: { max_concurrent_workers: "2" }\n`,
      "7:35 limits.max_concurrent_workers",
      /Expected a number, found "2"/,
    ],
    [
      "a fraction of a worker",
      `${working}limits: { max_concurrent_workers: 1.5 }\n`,
      "7:35 limits.max_concurrent_workers",
      /whole number/,
    ],
    ["no time at all", `${working}scheduler: { drain_seconds: 0 }\n`, "7:29 scheduler.drain_seconds", /above 0/],
    ["a list for a section", `${working}limits: [2]\n`, "7:9 limits", /Expected a section/],
    ["a word for a switch", `${working}publish: { draft: sometimes }\n`, "7:19 publish.draft", /true or false/],
    ["an id with a way out", working.replace("web", "../x"), "1:5 id", /lower-case/],
    [
      "an unquoted number as a variable's value",
      `${least}execution:\n  coding_worker: codex\n  env: { set: { PORT: 8080 } }\n`,
      "6:23 execution.env.set.PORT",
      /in quotes/,
    ],
    [
      "a password in an address",
      `${working}forge: { api_url: "https://u:hunter22@h/" }\n`,
      "7:19 forge.api_url",
      /without user name/,
    ],
    [
      "a missing slug",
      "id: web\nrepo: {}\nexecution: { coding_worker: codex }\n",
      "2:7 repo.slug",
      /Is missing.*owner\/name/,
    ],
    ["a slug with a way out", working.replace("octo/web", "octo/.."), "3:9 repo.slug", /owner\/name/],
    [
      "an unknown worker",
      `${least}execution: { coding_worker: cluade }\n`,
      "4:29 execution.coding_worker",
      /did you mean "claude"/,
    ],
    ["a shell worker without a command", least, "1:1 execution.shell.command", /no command/],
    [
      "a lease that heartbeats cannot keep",
      `${working}scheduler: { heartbeat_seconds: 30 }\n`,
      "7:33 scheduler.heartbeat_seconds",
      /do not keep/,
    ],
    ["a relative folder", `${working}runtime: { runs_root: runs }\n`, "7:23 runtime.runs_root", /not an absolute path/],
    [
      "agents in the checkout",
      `${working}runtime: { worktree_root: /src/web/wt }\n`.replace("octo/web\n", "octo/web\n  root: /src/web\n"),
      "8:27 runtime.worktree_root",
      /lie in one another/,
    ],
    [
      "one folder for two uses",
      `${working}runtime: { runs_root: /a/b, worktree_root: /a/b/c }\n`,
      "7:23 runtime.runs_root",
      /overlaps with worktree_root/,
    ],
    [
      "two roles for one label",
      `${working}queue: { issue_labels: { hold: Agent-Ready } }\n`,
      "7:32 queue.issue_labels.hold",
      /is the ready label/,
    ],
    [
      "an issue's label for pull requests too",
      `${working}queue: { pr_labels: { handoff: AGENT-READY } }\n`,
      "7:32 queue.pr_labels.handoff",
      /is the ready label/,
    ],
    [
      "a priority for a label with a role",
      `${working}queue: { priority_labels: { Agent-Hold: 1 } }\n`,
      "7:41 queue.priority_labels.Agent-Hold",
      /is the hold label/,
    ],
    [
      "one priority label twice",
      `${working}queue: { priority_labels: { soon: 1, Soon: 2 } }\n`,
      "7:44 queue.priority_labels.Soon",
      /is the priority label/,
    ],
    [
      "a priority that is no number",
      `${working}queue: { priority_labels: { soon: high } }\n`,
      "7:35 queue.priority_labels.soon",
      /Expected a number, found "high"/,
    ],
    [
      "a priority without a value",
      `${working}queue: { priority_labels: { soon: } }\n`,
      "7:35 queue.priority_labels.soon",
      /Expected a number, found null/,
    ],
    [
      "a priority label no forge takes",
      `${working}queue: { priority_labels: { "a,b": 1 } }\n`,
      "7:36 queue.priority_labels.a,b",
      /a label of 1 to 50 characters without commas/,
    ],
    [
      "a queue label on new pull requests",
      `${working}publish: { labels: [Agent-Human-Approved] }\n`,
      "7:21 publish.labels[0]",
      /human_approved label/,
    ],
    [
      "the opt-in label on follow-up issues, which have a key of their own for that",
      `${working}queue: { follow_up_labels: [size-small, agent-ready] }\n`,
      "7:41 queue.follow_up_labels[1]",
      /ready label of the queue; a follow-up issue must not carry it/,
    ],
    [
      "an unknown answer to follow-ups",
      `${working}queue: { follow_ups: always }\n`,
      "7:22 queue.follow_ups",
      /"off", "create" or "ready"|off|create/,
    ],
    ["an offset for a time zone", `${working}time_zone: "+02:00"\n`, "7:12 time_zone", /IANA/],
    ["a time zone nobody lives in", `${working}time_zone: Europe/Stokholm\n`, "7:12 time_zone", /IANA/],
    [
      "an unknown answer to drift",
      `${working}queue: { on_drift: restrat }\n`,
      "7:20 queue.on_drift",
      /did you mean "restart"/,
    ],
    [
      "three reviews",
      `${working}pull_requests: { critical_reviews: 3 }\n`,
      "7:36 pull_requests.critical_reviews",
      /Expected 1 or 2, found 3/,
    ],
    [
      "less than no workers",
      `${working}limits: { max_concurrent_pr_workers: -1 }\n`,
      "7:38 limits.max_concurrent_pr_workers",
      /at least 0/,
    ],
    [
      "more kept worktrees than a disk holds",
      `${working}runtime: { worktree_pool_size: 101 }\n`,
      "7:32 runtime.worktree_pool_size",
      /at most 100/,
    ],
    [
      "a broken expression",
      `${working}pull_requests: { infra_failures: ["runner (lost"] }\n`,
      "7:35 pull_requests.infra_failures[0]",
      /no regular expression/,
    ],
    [
      "an expression for everything",
      `${working}pull_requests: { infra_failures: [ok, ".*"] }\n`,
      "7:39 pull_requests.infra_failures[1]",
      /matches every text/,
    ],
    ...(
      [
        ["from the root of the disk", "/src/**", /repository's root/],
        ["with a way out", "../src/**", /repository's root/],
        ["with a dot in front", "./src/**", /repository's root/],
        ["with an empty end", "src/", /empty part.*\/\*\*/],
        ["with alternatives", "*.{ts,js}", /one glob each/],
        ["with a set", "src/[ab]*", /one glob each/],
        ["that excludes", "!src/**", /only includes/],
        ["with backslashes", "src\\\\*", /write \/ between/],
        ["with ** inside a name", "src/**.ts", /stands alone/],
      ] as const
    ).map(
      ([name, glob, message]) =>
        [
          `a glob ${name}`,
          `${working}pull_requests: { risk: { critical_app: [ok, "${glob}"] } }\n`,
          "7:45 pull_requests.risk.critical_app[1]",
          message,
        ] as [string, string, string, RegExp],
    ),
    [
      "the forge's token for agents",
      `${least}execution: { coding_worker: codex, env: { pass: [CI, GH_TOKEN] } }\n`,
      "4:54 execution.env.pass[1]",
      /credentials/,
    ],
    [
      "a token in clear text",
      `${working}forge: { api_url: "http://ghe.example.org" }\n`,
      "7:19 forge.api_url",
      /unencrypted/,
    ],
  ])("%s", (_name, text, place, message) => {
    const problem = onlyProblemOf(text);
    expect(`${problem?.line}:${problem?.column} ${problem?.path}`.trim()).toBe(place);
    expect(`${problem?.message} Fix: ${problem?.fix}`).toMatch(message);
    expect(JSON.stringify(problem)).not.toContain("hunter22");
  });

  it("is reported all at once, in the order of the file", () => {
    const text = [
      "id: Web",
      "id: web",
      "repo:",
      "  slog: octo/web",
      "limits:",
      "  max_concurrent_workers: many",
      "  wrong: 1",
      "verification:",
      "  commands: [{ nme: x }, '']",
    ].join("\n");
    expect(placesOf(text)).toEqual([
      "2:1",
      "4:3 repo.slug",
      "4:3 repo.slog",
      "6:27 limits.max_concurrent_workers",
      "7:3 limits.wrong",
      "9:14 verification.commands[0]",
      "9:26 verification.commands[1]",
    ]);
  });

  it("names broken rules next to unknown keys", () => {
    expect(placesOf(`${least}execution: {}\nqueue: { lables: {} }\n`)).toEqual([
      "4:12 execution.shell.command",
      "5:10 queue.lables",
    ]);
  });

  it("names the variable when the environment brought the value", () => {
    const problem = onlyProblemOf(working, { ACP_MAX_CONCURRENT_WORKERS: "lots" });
    expect(problem).toMatchObject({
      file: "$ACP_MAX_CONCURRENT_WORKERS",
      line: 0,
      path: "limits.max_concurrent_workers",
    });
  });
});

describe("any text at all", () => {
  it("never throws: mutated profiles end as a profile or as problems with a place", () => {
    const random = seeded(20);
    const pieces = [
      ":",
      "\n",
      "  ",
      "- ",
      "{",
      "}",
      "[",
      "]",
      "&a ",
      "*a",
      "!!binary ",
      "<<: ",
      "? ",
      "|",
      "'",
      '"',
      "\t",
      "\0",
      "\ud800",
      "9e999",
      "null",
      "#",
      "---\n",
      "%YAML 9\n",
    ];
    let refused = 0;
    for (let round = 0; round < 1500; round += 1) {
      let text = `${working}verification: { commands: [npm test] }\nscheduler:\n  lease_seconds: 60\n`;
      for (let cut = 0; cut <= random(4); cut += 1) {
        const at = random(text.length);
        text = text.slice(0, at) + (pieces[random(pieces.length)] ?? "") + text.slice(at + random(6));
      }
      const parsed = parse(text);
      if (parsed.ok) continue;
      refused += 1;
      expect(parsed.problems.length).toBeGreaterThan(0);
      for (const problem of parsed.problems) expect(problem.line).toBeGreaterThan(0);
    }
    expect(refused).toBeGreaterThan(500);
  });

  it("does not grow without end on aliases of aliases", () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(", ")}]`,
    );
    const parsed = parse(`a0: &a0 x\n${levels.join("\n")}\n`);
    expect(parsed.ok).toBe(false);
  });
});

/** A small repeatable generator: whole numbers below `below`. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
