import { describe, expect, it } from "vitest";
import type { InstalledProfile, SetupFacts } from "./detect-facts.ts";
import { conflictOf, planSetup } from "./plan-setup.ts";
import type { SetupAnswers } from "./propose-answers.ts";

const answers: SetupAnswers = {
  ...{ repoRoot: "/src/shop", forge: "github", repoSlug: "octo/shop", profileId: "shop", profile: "write" },
  ...{ codingWorker: "claude", shellCommand: null, verification: [], passEnv: [], workerLogin: null },
  ...{ starterIssues: [], startRuntime: true, sync: false, installService: false, dashboardPort: null },
};
const installed: InstalledProfile = {
  ...{ id: "shop", repoSlug: "octo/shop", repoRoot: null, forge: "github", codingWorker: "claude" },
};
const facts: SetupFacts = { repository: null, agents: [], profiles: [installed], hasGh: false };
const states = (more: Partial<SetupAnswers>) =>
  Object.fromEntries(planSetup({ ...answers, ...more }).map(({ name, state }) => [name, state]));

describe("the plan of a setup", () => {
  it("writes the profile before anything that needs it, and starts last", () => {
    expect(planSetup(answers).map(({ name }) => name)).toEqual([
      "profile",
      "labels",
      "starter-issues",
      "sync",
      "service",
      "runtime",
    ]);
  });

  it("leaves out what nobody asked for", () => {
    const asked = {
      profile: "to-do",
      labels: "to-do",
      "starter-issues": "skipped",
      sync: "skipped",
      service: "skipped",
      runtime: "to-do",
    };
    expect(states({})).toEqual(asked);
    expect(states({ startRuntime: false, starterIssues: ["refactor"] })).toEqual({
      ...asked,
      "starter-issues": "to-do",
      runtime: "skipped",
    });
  });

  it("copies this version into the runtime home before a service that starts it", () => {
    expect(states({ sync: true, installService: true })).toMatchObject({ sync: "to-do", service: "to-do" });
    expect(Object.entries(states({ dashboardPort: 8765 })).at(-1)).toEqual(["dashboard", "to-do"]);
  });

  it("keeps a profile that is there, and still makes the rest", () => {
    expect(states({ profile: "keep" })).toMatchObject({ profile: "not-needed", labels: "to-do", runtime: "to-do" });
  });
});

describe("a profile that is there", () => {
  const kept = { ...answers, profile: "keep" } as const;

  it("serves the same repository, forge and worker", () => {
    expect(conflictOf(facts, { ...kept, repoSlug: "Octo/Shop" })).toBeNull();
  });

  it.each([{ repoSlug: "octo/other" }, { forge: "local" }, { codingWorker: "codex" }] as const)(
    "refuses another: %o",
    (other) => {
      expect(conflictOf(facts, { ...kept, ...other })).toMatch(/Profile "shop" is there already, .* --force/);
      expect(conflictOf(facts, { ...answers, ...other, profile: "replace" })).toBeNull();
    },
  );
});
