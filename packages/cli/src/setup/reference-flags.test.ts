import { describe, expect, it } from "vitest";
import { settleReferenceFlags } from "./reference-flags.ts";

describe("flags of the reference", () => {
  it("that only have another name are taken under ours, which comes first", () => {
    const given = { forgeProvider: "github", sourceRepoRoot: "/src/shop", retainedRepoRoot: "/src/shop", yes: true };
    expect(settleReferenceFlags(given)).toEqual({
      options: { yes: true, repoRoot: "/src/shop", forge: "github" },
      notes: [],
    });
    expect(settleReferenceFlags({ forgeProvider: "github", forge: "local" }).options).toEqual({ forge: "local" });
  });

  it.each([
    ["vscodeWorkspaceFile", { vscodeWorkspaceFile: "/w" }, "--vscode-workspace-file"],
    ["skipWorkspaceSync", { skipWorkspaceSync: true }, "--skip-workspace-sync"],
    ["skipAnchorSync", { skipAnchorSync: true }, "--skip-anchor-sync"],
    ["dashboardPort", { dashboardPort: "8765" }, "--dashboard-port"],
    ["another checkout", { repoRoot: "/src/shop", retainedRepoRoot: "/other" }, "--retained-repo-root"],
  ])("that have nothing to do here are said to be without effect: %s", (_name, given, flag) => {
    expect(settleReferenceFlags(given).notes).toEqual([expect.stringContaining(`Without effect: ${flag}: `)]);
  });

  it.each([
    [{ giteaBaseUrl: "http://127.0.0.1:3000" }, /Gitea is not worked with/],
    [{ giteaToken: "tok" }, /Gitea is not worked with/],
    [{ giteaUsername: "ann" }, /Gitea is not worked with/],
    [{ giteaPassword: "word" }, /Gitea is not worked with/],
    [{ forgeProvider: "gitea" }, /Give --forge github or --forge local/],
    [{ forgeProvider: "gitlab" }, /"gitlab" is not known. Give github or local/],
    [{ startDashboard: true }, /no dashboard to start yet/],
  ])("that ask for what is not there are refused as wrong usage: %o", (given, message) => {
    expect(() => settleReferenceFlags(given)).toThrow(expect.objectContaining({ exitCode: 64 }));
    expect(() => settleReferenceFlags(given)).toThrow(message);
  });

  it("that leave out what is not there ask for nothing", () => {
    expect(settleReferenceFlags({ startDashboard: false }).notes).toEqual([]);
  });
});
