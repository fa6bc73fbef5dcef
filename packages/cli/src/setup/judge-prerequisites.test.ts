import type { BackendHealthReport } from "@agent-control-plane/runners/backends";
import { describe, expect, it } from "vitest";
import { type ForgeAnswer, judgeAnswer } from "./ask-forge.ts";
import { isProblem, judgePrerequisites, type PrerequisiteFacts } from "./judge-prerequisites.ts";

const worker: BackendHealthReport = {
  ...{ name: "claude", ok: true, version: "2.1.329", isTested: true, login: "key", model: "sonnet" },
  ...{ lacks: null, modelState: "not-checked", problem: null },
};
const seen: ForgeAnswer = { kind: "seen", canPush: true, defaultBranch: "main", archived: false };
const place = { apiUrl: "https://api.github.com", tokenOrigin: "GITHUB_TOKEN", isGitHub: true, hasGh: false };
const well: PrerequisiteFacts = {
  ...{
    profileId: "shop",
    repoSlug: "octo/shop",
    gitVersion: "git version 2.39.5",
    uncommitted: [],
    worker,
    isUnsetShell: false,
  },
  ...{ forge: { ...place, answer: seen }, checks: 2, isKept: false, serviceLacks: null },
};
const problems = (more: Partial<PrerequisiteFacts>) => judgePrerequisites({ ...well, ...more }).filter(isProblem);
const forge = (answer: ForgeAnswer | null, tokenOrigin: string | null = "GITHUB_TOKEN") => ({
  forge: { ...place, answer, tokenOrigin, hasGh: true },
});

describe("prerequisites", () => {
  it("are well when everything is there", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ forge: null })).toEqual([]);
  });

  it.each<readonly [string, Partial<PrerequisiteFacts>, RegExp]>([
    ["git-missing", { gitVersion: null }, /Install git/],
    ["worker-unset", { isUnsetShell: true }, /--shell-command/],
    ["worker-program", { worker: { ...worker, ok: false, lacks: "program", problem: "Install it." } }, /Install it/],
    ["worker-login", { worker: { ...worker, ok: false, lacks: "login", problem: "No key." } }, /--worker-login/],
    [
      "worker-setting",
      { worker: { ...worker, ok: false, lacks: "setting", problem: "Name a model." } },
      /Name a model/,
    ],
    ["forge-token-missing", forge(null, null), /--token-stdin/],
    ["forge-token-refused", forge({ kind: "refused", detail: "HTTP 401" }), /another token/],
    ["repository-missing", forge({ kind: "missing", detail: "HTTP 404" }), /--repo-slug/],
    ["forge-unreachable", forge({ kind: "unreachable", detail: "ECONNREFUSED" }), /network/],
    ["forge-read-only", forge({ ...seen, canPush: false }), /may write/],
    ["repository-archived", forge({ ...seen, archived: true }), /Unarchive/],
    ["service-unavailable", { serviceLacks: "No systemd." }, /--no-install-service/],
    ["checks-missing", { checks: 0 }, /--verify/],
  ])("%s is a problem, with what mends it", (code, more, fix) => {
    expect(problems(more)).toMatchObject([{ code, fix: expect.stringMatching(fix) }]);
  });

  it("name the command that mends it, where one does", () => {
    expect(problems(forge(null, null))[0]?.command).toBe("gh auth login");
    const gone = { ...worker, ok: false, lacks: "program", problem: "No claude." } as const;
    expect(problems({ worker: gone })[0]?.command).toBe("npm install -g @anthropic-ai/claude-code");
  });

  it("of a profile that stays are mended in its file", () => {
    expect(problems({ checks: 0, isKept: true })[0]?.fix).toContain("verification.commands");
  });
});

describe("what a forge says of a repository", () => {
  it.each<readonly [string, number, unknown, object]>([
    ["seen", 200, { full_name: "o/r", permissions: { push: true }, default_branch: "trunk" }, { canPush: true }],
    ["seen", 200, { full_name: "o/r", permissions: { push: false } }, { canPush: false }],
    ["refused", 401, { message: "Bad credentials" }, { detail: "HTTP 401: Bad credentials" }],
    ["missing", 404, { message: "Not Found" }, {}],
    ["unreachable", 502, null, { detail: "HTTP 502" }],
    ["unreachable", 200, null, { detail: "the answer is not one of a forge" }],
  ])("%s by status %i", (kind, status, body, more) => {
    expect(judgeAnswer(status, body)).toMatchObject({ kind, ...more });
  });
});
