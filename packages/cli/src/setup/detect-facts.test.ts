import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backends } from "@agent-control-plane/runners/backends";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findAssets } from "../assets.ts";
import { planProfile } from "../init/plan-profile.ts";
import { detectFacts } from "./detect-facts.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acp-facts-"));
  mkdirSync(join(folder, "bin"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const around = (env: NodeJS.ProcessEnv = {}) => ({
  ...{ cwd: folder, home: join(folder, "runtime-home") },
  env: { PATH: join(folder, "bin"), HOME: folder, ...env },
});

function install(program: string): void {
  writeFileSync(join(folder, "bin", program), "#!/bin/sh\n");
  chmodSync(join(folder, "bin", program), 0o755);
}

it("finds agents by the name of their own program, their keys by name and a person's login by its file", () => {
  for (const program of ["opencode", "claude", "codex"]) install(program);
  mkdirSync(join(folder, ".codex"));
  writeFileSync(join(folder, ".codex", "auth.json"), "{}");
  const { agents } = detectFacts(around({ ANTHROPIC_API_KEY: "a-secret-key", OPENAI_API_KEY: "" }), null);
  expect(agents.map(({ name }) => name).sort()).toEqual(["claude", "codex", "opencode"]);
  const named = (name: string) => agents.find((agent) => agent.name === name);
  expect(named("claude")).toMatchObject({ keys: ["ANTHROPIC_API_KEY"], login: null });
  expect(named("codex")).toMatchObject({ keys: [], login: "~/.codex" });
  expect(JSON.stringify(agents)).not.toContain("a-secret-key");
});

it("finds nothing where nothing is", () => {
  expect(detectFacts(around(), null)).toEqual({ repository: null, agents: [], profiles: [], hasGh: false });
});

it.each(backends.map(({ name }) => name))(
  "makes a profile for the worker %s that is valid by itself",
  (codingWorker) => {
    const options = { profileId: "web", repoSlug: "octo/web", forge: "github", codingWorker } as const;
    const given = codingWorker === "shell" ? { ...options, shellCommand: "make fix" } : options;
    const asked = ["ollama", "openclaw"].includes(codingWorker) ? { ...given, model: "openai/gpt-5" } : given;
    const { profile } = planProfile(around(), { ...asked, passEnv: ["SOME_API_KEY"] }, findAssets());
    expect(profile.execution.codingWorker).toBe(codingWorker);
    expect(profile.execution.env.pass).toEqual(["SOME_API_KEY"]);
  },
);
