import { isForbiddenVariable } from "@agent-control-plane/core";
import { describe, expect, test } from "vitest";
import { type SessionEnvironmentRequest, sessionEnvironment } from "./environment.ts";

function request(change: Partial<SessionEnvironmentRequest>): SessionEnvironmentRequest {
  return {
    sessionId: "s-1",
    runDir: "/run/s-1",
    cwd: "/w/s-1",
    promptFile: "/run/s-1/prompt.md",
    repoSlug: "a/b",
    branch: "agent/issue-1",
    host: { PATH: "/bin", HOME: "/home/me", USER: "me", GITHUB_TOKEN: "ghp_secret", NPM_TOKEN: "npm_secret" },
    ...change,
  };
}

describe("a session's environment", () => {
  test("holds what we set and nothing of the daemon's", () => {
    expect(sessionEnvironment(request({ issue: { number: 7, title: "It breaks" } }))).toEqual({
      PATH: "/bin",
      HOME: "/run/s-1/home",
      TMPDIR: "/run/s-1/tmp",
      LANG: "C.UTF-8",
      TERM: "dumb",
      USER: "me",
      LOGNAME: "me",
      CI: "1",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      ACP_SESSION_ID: "s-1",
      ACP_PROMPT_FILE: "/run/s-1/prompt.md",
      ACP_RESULT_FILE: "/w/s-1/.acp/result.json",
      ACP_REPO_SLUG: "a/b",
      ACP_BRANCH: "agent/issue-1",
      ACP_ISSUE_NUMBER: "7",
      ACP_ISSUE_TITLE: "It breaks",
    });
  });

  test("holds what the profile passes", () => {
    expect(sessionEnvironment(request({ pass: ["NPM_TOKEN", "NOT_SET"] }))).toMatchObject({ NPM_TOKEN: "npm_secret" });
  });

  test("keeps what we set when the profile passes the same name", () => {
    const built = sessionEnvironment(request({ pass: ["HOME", "ACP_SESSION_ID", "PATH"] }));
    expect(built).toMatchObject({ HOME: "/run/s-1/home", ACP_SESSION_ID: "s-1" });
  });

  test("whatever is passed, no forge token gets in by name or by value", () => {
    const random = seeded(20261121);
    const secrets = ["ghp_0123456789abcdef", "github_pat_another_secret", "pw"];
    const names = [
      "GITHUB_TOKEN",
      "GH_TOKEN",
      "gh_token",
      "GH_ENTERPRISE_TOKEN",
      "GITHUB_PAT",
      "ACP_X_SECRET",
      "ACP_API_TOKEN",
    ];
    const harmless = [
      "NPM_TOKEN",
      "FOO",
      "BAR_1",
      "ANTHROPIC_API_KEY",
      "GIT_SSH_COMMAND",
      "bad name",
      "A=B",
      "__proto__",
    ];
    const values = [...secrets, `Bearer ${secrets[0]}`, "plain", "", "x\0y"];
    for (let round = 0; round < 500; round += 1) {
      const pass = [...names, ...harmless].filter(() => random() < 0.5);
      const host = Object.fromEntries(
        [...names, ...harmless, "PATH", "USER", "LANG"].map((name) => [name, pick(values, random)]),
      );
      const backend = { X_BACKEND: pick(values, random) };
      const built = sessionEnvironment(
        request({ host, pass, backend, secrets, issue: { number: 1, title: pick(values, random) } }),
      );
      for (const [name, value] of Object.entries(built)) {
        expect(isForbiddenVariable(name), name).toBe(false);
        expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
        for (const secret of secrets)
          expect(value === secret || (secret.length >= 8 && value.includes(secret))).toBe(false);
        expect(value).not.toContain("\0");
      }
      expect(built.ACP_SESSION_ID).toBe("s-1");
    }
  });
});

function pick(values: readonly string[], random: () => number): string {
  return values[Math.floor(random() * values.length)] ?? "";
}

/** A small generator with a seed, so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
