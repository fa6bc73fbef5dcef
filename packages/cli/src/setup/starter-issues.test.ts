import { parseCadence } from "@agent-control-plane/core";
import { describe, expect, it } from "vitest";
import { makeStarterIssues, type OpenedStarter } from "./make-starter-issues.ts";
import { starterIssue, starterNames } from "./starter-issues.ts";

describe("starter issues", () => {
  it.each(starterNames)("%s is work to be done and no check that only reports", (name) => {
    const { body } = starterIssue(name);
    expect(parseCadence(body)).toEqual({ kind: "none" });
    expect(parseCadence(`${body}\nAgent schedule: every 6h`).kind).toBe("cadence");
    expect(body).toContain("- [ ]");
  });

  it("are opened once, opted in, and known again when somebody has renamed or closed one", async () => {
    const forge = recordingForge();
    const first = await open(forge);
    expect(forge.issues.map(({ labels }) => labels)).toEqual([
      ["agent-starter", "agent-ready"],
      ["agent-starter", "agent-ready"],
    ]);
    const renamed = forge.issues[0];
    if (renamed) renamed.title = "Something else";
    const second = await open(forge);
    expect(second).toEqual(first.map((each) => ({ ...each, made: false })));
    expect(forge.issues).toHaveLength(2);
  });
});

function open(forge: ReturnType<typeof recordingForge>): Promise<readonly OpenedStarter[]> {
  const profile = { queue: { labels: { ready: "agent-ready" } } };
  return makeStarterIssues(forge.operator as never, profile as never, ["documentation", "refactor"]);
}

function recordingForge() {
  const issues: { number: number; url: string; title: string; body: string; labels: readonly string[] }[] = [];
  const operator = {
    ensureLabel: async () => true,
    listIssues: async ({ state, label }: { state: string; label: string }) =>
      state === "all" ? issues.filter(({ labels }) => labels.includes(label)) : [],
    createIssue: async (issue: { title: string; body: string; labels: readonly string[] }) => {
      const number = issues.length + 1;
      issues.push({ ...issue, number, url: `u/${number}` });
      return { number, url: `u/${number}` };
    },
  };
  return { issues, operator };
}
