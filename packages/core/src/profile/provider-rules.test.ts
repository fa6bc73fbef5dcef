import { describe, expect, it } from "vitest";
import { backendSections } from "../../test/support/backend-sections.ts";
import { parseProfile } from "./load-profile.ts";

function parsed(execution: readonly string[], rest: readonly string[] = []) {
  const text = ["id: web", "repo: { slug: octo/web }", ...rest, "execution:", ...execution.map((line) => `  ${line}`)];
  const around = { file: "/p/c.yaml", env: { HOME: "/h" }, runtimeHome: "/r", backends: backendSections };
  return parseProfile({ text: text.join("\n"), ...around });
}

function profile(...execution: readonly string[]) {
  const found = parsed(execution);
  if (!found.ok) throw new Error(JSON.stringify(found.problems));
  return found.profile.execution;
}

const problems = (...execution: readonly string[]) => {
  const found = parsed(execution);
  return found.ok ? [] : found.problems.map(({ path, message }) => `${path}: ${message}`);
};

const pools = [
  "pools:",
  "  - { name: main, coding_worker: claude, model: opus }",
  "  - { name: spare, coding_worker: claude, account: team-b, env: { from: { ANTHROPIC_API_KEY: TEAM_B_KEY } } }",
  "  - { name: other, coding_worker: codex }",
];

describe("who serves which work", () => {
  it("is the profile's backend with the model of its section, where nothing else is said", () => {
    expect(profile("coding_worker: claude").providers).toEqual({
      usual: [{ backend: "claude", model: "sonnet", account: "claude", pool: null }],
      lanes: {},
      rules: [],
      models: {},
      ownModels: { claude: "sonnet" },
    });
  });

  it("is the pools in their order, each with its account and its own environment", () => {
    const { providers, accounts } = profile(...pools);
    expect(providers.usual).toEqual([
      { backend: "claude", model: "opus", account: "claude", pool: "main" },
      { backend: "claude", model: "sonnet", account: "team-b", pool: "spare" },
      { backend: "codex", model: null, account: "codex", pool: "other" },
    ]);
    expect(accounts.spare).toEqual({ pass: [], from: { ANTHROPIC_API_KEY: "TEAM_B_KEY" } });
  });

  it("by lane, label and name is a pool of one, or the entries that are named, in the order in which they are", () => {
    const { providers } = profile(
      ...pools,
      "lanes: { pr-review: { coding_worker: codex, model: big } }",
      "rules:",
      "  - { labels: [docs], model: haiku }",
      "  - { labels: [risky], pool: [other, main] }",
      "models: { spare: { pool: spare }, codex: { coding_worker: codex } }",
    );
    const names = (list: (typeof providers)["usual"] | undefined) =>
      list?.map(({ backend, model, pool }) => `${backend} ${model} ${pool}`);
    expect(names(providers.lanes["pr-review"])).toEqual(["codex big other"]);
    expect(names(providers.rules[0]?.providers)).toEqual(["claude haiku main"]);
    expect(names(providers.rules[1]?.providers)).toEqual(["codex null other", "claude opus main"]);
    expect(names(providers.models.spare)).toEqual(["claude sonnet spare"]);
    expect(names(providers.models.codex)).toEqual(["codex null other"]);
  });
});

describe("what cannot be", () => {
  it.each<[string, readonly string[], string]>([
    [
      "a choice of nothing",
      ["coding_worker: claude", "models: { big: {} }"],
      "execution.models.big: It chooses nothing.",
    ],
    [
      "a pool and a model",
      [...pools, "models: { big: { pool: main, model: x } }"],
      "execution.models.big: It names a pool and a backend or a model.",
    ],
    [
      "a pool that is none",
      [...pools, "lanes: { pr-fix: { pool: maim } }"],
      'execution.lanes.pr-fix.pool: "maim" is no entry of execution.pools.',
    ],
    [
      "two entries of one name",
      [...pools, "  - { name: main, coding_worker: codex }"],
      'execution.pools[3].name: "main" is the name of an entry before it.',
    ],
    [
      "two names that differ in case",
      ["coding_worker: claude", "models: { Big: { model: a }, big: { model: b } }"],
      'execution.models.big: "big" differs from another name in case only, and labels compare without it.',
    ],
    [
      "a model of what has none",
      ["shell: { command: 'true' }", "rules: [{ labels: [x], coding_worker: shell, model: y }]"],
      "execution.rules[0].model: The backend shell takes no model.",
    ],
    [
      "a forge token for an account",
      ["pools: [{ name: a, coding_worker: codex, env: { from: { KEY: GITHUB_TOKEN } } }]"],
      "execution.pools[0].env.from.KEY: GITHUB_TOKEN would put the forge's credentials in an agent's reach.",
    ],
    [
      "a backend that is used and lacks something",
      ["coding_worker: codex", "models: { own: { coding_worker: shell } }"],
      "execution.shell.command: The shell worker has no command.",
    ],
  ])("%s", (_, execution, expected) => {
    expect(problems(...execution)).toEqual([expected]);
  });

  it("is refused by its shape: a lane that is none, an account with a slash, an unknown backend", () => {
    expect(problems("lanes: { pr-revue: { model: x } }").length).toBeGreaterThan(0);
    expect(problems("pools: [{ name: a, coding_worker: codex, account: a/b }]")[0]).toContain(
      "execution.pools[0].account",
    );
    expect(problems("pools: [{ name: a, coding_worker: gpt }]")[0]).toContain("execution.pools[0].coding_worker");
  });

  it("is told what it could be", () => {
    const fixes = (line: string) => {
      const found = parsed(["coding_worker: codex", line]);
      return found.ok ? [] : found.problems.map(({ fix }) => fix);
    };
    expect(fixes("lanes: { pr-revue: { coding_worker: codex } }")).toEqual(['did you mean "pr-review"?']);
    expect(fixes("lanes: { x: { coding_worker: codex } }")[0]).toContain("known here: issue-implementation, ");
    expect(fixes('models: { "a b": { model: x } }')).toEqual([
      "write a name of letters, digits, . _ and -, 38 at most.",
    ]);
    expect(problems("coding_worker: codex", "rules: [{ labels: [], model: x }]")[0]).toContain("found an empty list");
  });

  it("is not asked of a backend that the pools leave unused", () => {
    expect(problems("coding_worker: shell", "pools: [{ name: a, coding_worker: codex }]")).toEqual([]);
  });
});
