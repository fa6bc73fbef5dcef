import { describe, expect, it } from "vitest";
import type { InspectedRepository } from "../init/inspect-repository.ts";
import type { FoundAgent, InstalledProfile, SetupFacts } from "./detect-facts.ts";
import { profileIdFrom, proposeAnswers } from "./propose-answers.ts";

const repository: InspectedRepository = {
  root: "/src/shop",
  slug: "octo/Web.Shop",
  originHost: "github.com",
  originSlug: "octo/Web.Shop",
  defaultBranch: "main",
  hasCommit: true,
  uncommitted: [],
  verification: { packageManager: "npm", commands: [{ name: "test", command: "npm test" }] },
};
const agent = (name: string, more: Partial<FoundAgent> = {}): FoundAgent => ({ name, keys: [], login: null, ...more });
const facts = (more: Partial<SetupFacts> = {}): SetupFacts => ({
  ...{ repository, agents: [], profiles: [], hasGh: false },
  ...more,
});
const installed: InstalledProfile = {
  ...{ id: "mine", repoSlug: "ann/shop", repoRoot: "/src/shop", forge: "local", codingWorker: "shell" },
};

describe("proposed answers", () => {
  it("take a checkout from github.com to GitHub, under its own name", () => {
    expect(proposeAnswers(facts(), {})).toMatchObject({
      ...{ forge: "github", repoSlug: "octo/Web.Shop", profileId: "web-shop", profile: "write" },
      ...{ verification: [{ name: "test", command: "npm test" }], startRuntime: true, starterIssues: [] },
    });
  });

  it("take any other checkout to the local forge", () => {
    const elsewhere = { ...repository, slug: null, originHost: "git.example.test" };
    expect(proposeAnswers(facts({ repository: elsewhere }), {})).toMatchObject({
      ...{ forge: "local", repoSlug: "local/shop", profileId: "shop" },
    });
    expect(proposeAnswers(facts({ repository: elsewhere }), { forge: "github" }).repoSlug).toBe("");
  });

  it("read the name of a checkout from another forge, when it is that forge's", () => {
    const elsewhere = { ...repository, slug: null, originHost: "git.example.test", originSlug: "ann/shop" };
    const apiUrl = "https://git.example.test/api/v3";
    expect(proposeAnswers(facts({ repository: elsewhere }), { forge: "github", apiUrl }).repoSlug).toBe("ann/shop");
    const other = { forge: "github", apiUrl: "https://other.test/api/v3" } as const;
    expect(proposeAnswers(facts({ repository: elsewhere }), other).repoSlug).toBe("");
  });

  it("take no name from origin that a forge would not take", () => {
    const odd = { ...repository, slug: "octo/\u001b[31mred" };
    expect(proposeAnswers(facts({ repository: odd }), {}).repoSlug).toBe("");
  });

  it("prefer an agent with a key here, and pass on that key by its name", () => {
    const agents = [agent("codex"), agent("gemini", { keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"] })];
    expect(proposeAnswers(facts({ agents }), {})).toMatchObject({
      ...{ codingWorker: "gemini", passEnv: ["GEMINI_API_KEY"], workerLogin: null },
    });
  });

  it.each([
    ["the first of the well-known ones, when none has a key", [agent("pi"), agent("claude")], {}, "claude"],
    ["shell, when no agent is installed", [], {}, "shell"],
    ["shell, when a command is given", [agent("claude")], { shellCommand: "make fix" }, "shell"],
    ["the one that is named", [agent("claude")], { codingWorker: "pi" }, "pi"],
  ] as const)("as the worker %s", (_, agents, options, expected) => {
    expect(proposeAnswers(facts({ agents }), options).codingWorker).toBe(expected);
  });

  it("use no login of a person's unasked", () => {
    const agents = [agent("claude", { login: "~/.claude" })];
    expect(proposeAnswers(facts({ agents }), {}).workerLogin).toBeNull();
    expect(proposeAnswers(facts({ agents }), { workerLogin: "~/.claude" }).workerLogin).toBe("~/.claude");
  });

  it("go on with the profile that an earlier run made for this checkout", () => {
    expect(proposeAnswers(facts({ profiles: [installed], agents: [agent("claude")] }), {})).toMatchObject({
      ...{ forge: "local", repoSlug: "ann/shop", profileId: "mine", profile: "keep", codingWorker: "shell" },
    });
    expect(proposeAnswers(facts({ profiles: [installed] }), { force: true }).profile).toBe("replace");
  });

  it("copy this version into the runtime home when a service is to start it, unless that is refused", () => {
    expect(proposeAnswers(facts(), {})).toMatchObject({ sync: false, installService: false });
    expect(proposeAnswers(facts(), { installLaunchd: true })).toMatchObject({ sync: true, installService: true });
    expect(proposeAnswers(facts(), { installService: true, sync: false }).sync).toBe(false);
    expect(proposeAnswers(facts(), { dashboardPort: "9000" })).toMatchObject({ sync: false, dashboardPort: null });
    expect(proposeAnswers(facts(), { startDashboard: true })).toMatchObject({ sync: true, dashboardPort: 8765 });
  });

  it("open starter issues only when they are asked for, and then those that are named", () => {
    expect(proposeAnswers(facts(), { createStarterIssues: true }).starterIssues).toHaveLength(5);
    expect(proposeAnswers(facts(), { starterIssue: ["refactor"], createStarterIssues: true }).starterIssues).toEqual([
      "refactor",
    ]);
    expect(proposeAnswers(facts(), { starterIssue: ["refactor"], createStarterIssues: false }).starterIssues).toEqual(
      [],
    );
  });
});

it.each([
  ["octo/Web.Shop", "web-shop"],
  ["octo/--x--", "x"],
  ["octo/ÄÖ", "repo"],
  ["", "repo"],
  [`octo/${"a".repeat(39)}-b`, "a".repeat(39)],
])("a profile of %s is called %s", (slug, id) => {
  expect(profileIdFrom(slug)).toBe(id);
});
