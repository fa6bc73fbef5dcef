import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { buildPackage } from "../../scripts/build.mjs";

// How long a start takes is for the benchmark (npm run bench -- startup); what is loaded decides it and can be counted.
it.each([
  { args: ["--version"], files: 4, bytes: 5_000 },
  { args: ["runtime", "status"], files: 12, bytes: 150_000 },
  { args: ["runtime", "status"], profile: "web", files: 20, bytes: 620_000 },
  { args: ["tasks", "list"], files: 30, bytes: 420_000 },
  { args: ["flow", "run", "plan.yaml", "--no-start"], files: 30, bytes: 500_000 },
])("$args of profile $profile loads at most $files files of $bytes bytes together", async (at) => {
  const { args, files, bytes, profile } = at;
  const loaded = await filesLoadedBy(args, profile);
  expect(loaded.length).toBeLessThanOrEqual(files);
  expect(loaded.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThanOrEqual(bytes);
});

/** Files of the package that Node says it has run. */
async function filesLoadedBy(args: readonly string[], profile?: string): Promise<readonly string[]> {
  const cli = join(await buildPackage(), "dist", "cli.js");
  const folder = mkdtempSync(join(tmpdir(), "acp-quick-start-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  if (profile !== undefined) {
    const place = join(folder, "home/control-plane/profiles", profile);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "control-plane.yaml"), `id: ${profile}\nrepo: { slug: octo/web }\n`);
  }
  writeFileSync(join(folder, "plan.yaml"), "tasks: [{ id: a, command: 'true', worker: shell }]\n");
  const covered = join(folder, "covered");
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AGENT_RUNTIME_HOME: join(folder, "home"),
    NODE_V8_COVERAGE: covered,
  };
  const { stderr } = spawnSync(process.execPath, [cli, ...args], { env, cwd: folder, encoding: "utf8" });
  expect(stderr).not.toContain("not expected");
  const reports = readdirSync(covered).map((name) => JSON.parse(readFileSync(join(covered, name), "utf8")));
  const urls: string[] = reports.flatMap(({ result }) => result.map(({ url }: { url: string }) => url));
  return [...new Set(urls.filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url)))];
}
