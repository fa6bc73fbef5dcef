// A healthy installation to plant faults in: real profiles, a real store, a real repository on a real local forge.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, storePath, writeSecret } from "@agent-control-plane/core";
import { type LocalForge, startLocalForge } from "@agent-control-plane/local-forge";
import { parseDocument } from "yaml";
import type { Diagnosis } from "../../src/doctor/doctor.ts";
import { runHere } from "../support/in-process.ts";

export interface Installation {
  readonly folder: string;
  readonly forge: LocalForge;
  readonly token: string;
  /** A copy of the healthy home; `profiles` beside "web", each like it but for some keys. */
  home(profiles?: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Home;
  close(): Promise<void>;
}

export interface Home {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
  doctor(...args: readonly string[]): Promise<{ readonly code: number; readonly said: Diagnosis }>;
  profileFolder(id: string): string;
}

export async function installation(): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), "acp-doctor-test-"));
  const forge = await startLocalForge({ dataDir: join(folder, "forge") });
  const repository = join(folder, "repository");
  mkdirSync(repository);
  writeFileSync(join(repository, "README.md"), "# web\n");
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", repository, "-c", "user.name=Ann", "-c", "user.email=ann@example.test", ...args], {
      env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
    });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all");
  git("commit", "--quiet", "--message=first");
  forge.createUser({ login: "ann" });
  const token = forge.createToken({ login: "ann" });
  await forge.createRepository({ owner: "ann", name: "web", importFrom: repository });
  const label = { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } };
  await fetch(`${forge.apiUrl}/repos/ann/web/labels`, {
    ...label,
    body: JSON.stringify({ name: "agent-ready", color: "ededed" }),
  });
  const healthy = join(folder, "healthy");
  mkdirSync(join(folder, "user"));
  const env = { PATH: process.env.PATH, HOME: join(folder, "user"), LANG: "C.UTF-8" };
  const init = [
    "init",
    "--profile-id",
    "web",
    "--repo-slug",
    "ann/web",
    "--repo-root",
    repository,
    "--shell-command",
    "true",
  ];
  const made = await runHere(
    [...init, "--coding-worker", "shell", "--api-url", forge.apiUrl, "--git-url", forge.gitUrl],
    { env: { ...env, AGENT_RUNTIME_HOME: healthy } },
  );
  if (made.code !== 0) throw new Error(made.stderr);
  chmodSync(healthy, 0o700);
  configure(join(healthy, "control-plane", "profiles", "web"), {
    "verification.commands": [{ name: "a", command: "true" }],
  });
  writeSecret(healthy, "web", "GITHUB_TOKEN", token);
  await (await openStore({ path: storePath(healthy) })).close();
  let homes = 0;
  return {
    folder,
    forge,
    token,
    home(profiles = {}) {
      const path = join(folder, `home-${++homes}`);
      copyFolder(healthy, path);
      chmodSync(path, 0o700);
      const own = { ...env, AGENT_RUNTIME_HOME: path };
      const profileFolder = (id: string) => join(path, "control-plane", "profiles", id);
      for (const [id, keys] of Object.entries(profiles)) {
        if (id !== "web") copyFolder(profileFolder("web"), profileFolder(id));
        configure(profileFolder(id), { id, ...keys });
      }
      return {
        path,
        env: own,
        profileFolder,
        async doctor(...args) {
          const { code, stdout, stderr } = await runHere(["doctor", "--json", ...args], { env: own });
          if (stdout === "") throw new Error(stderr);
          return { code, said: JSON.parse(stdout) as Diagnosis };
        },
      };
    },
    async close() {
      await forge.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

export function configure(profileFolder: string, keys: Readonly<Record<string, unknown>>): void {
  const file = join(profileFolder, "control-plane.yaml");
  const document = parseDocument(readFileSync(file, "utf8"));
  for (const [path, value] of Object.entries(keys)) document.setIn(path.split("."), value);
  writeFileSync(file, document.toString());
}

/** With its modes: Node's own way gives copied folders the usual one from version 24 on. */
export const copyFolder = (from: string, to: string): void => void execFileSync("cp", ["-a", from, to]);
