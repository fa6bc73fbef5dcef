import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { type InstalledCli, installedCli } from "../../packages/runners/test/backends/clis.ts";
import { type BackendRow, readRows } from "../../packages/runners/test/backends/expectations/index.ts";

/** The main job, whole: the built product, the vendor's program, and a model that only says what to do. */
const acp = fileURLToPath(new URL("../../dist/package/dist/cli.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "acp-demo-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const asksModel = ({ backend }: BackendRow) => "base_url" in backend.settings.parse({});
const rows = (await readRows(process.env.ACP_TABLE_BACKENDS?.split(","))).filter(asksModel);
for (const { backend, cli } of rows) {
  const { name } = backend;
  const program = cli === null ? null : await installedCli(cli);
  if (program && "missing" in program) {
    test.skip(`${name} cannot run here: ${program.missing}`);
    continue;
  }
  describe(name, () => {
    test("makes pull requests whose diff its own program wrote", { timeout: 400_000 }, async () => {
      const demo = await runDemo(name, program);
      expect(demo).toMatchObject({ ok: true, problem: null, backend: name, scriptedModel: true });
      const first = demo.pullRequests.find(({ title }) => title.includes("sum() leaves out"));
      expect(first?.diff).toContain("+  for (const number of numbers) total += number;");
      expect(demo.pullRequests).toHaveLength(3);
      if (backend.capabilities.reportsUsage) expect(demo.usage.inputTokens).toBeGreaterThan(0);
    });
  });
}

interface Demo {
  readonly pullRequests: readonly { readonly title: string; readonly diff: string }[];
  readonly usage: { readonly inputTokens: number };
}

/** With nothing of ours in its environment, and the program on its PATH. */
function runDemo(name: string, program: Exclude<InstalledCli, { missing: string }> | null): Promise<Demo> {
  const own = join(folder, name);
  for (const each of ["bin", "home", "tmp"]) mkdirSync(join(own, each), { recursive: true });
  if (program && !existsSync(join(own, "bin", name))) symlinkSync(program.file, join(own, "bin", name));
  const path = join(own, "bin") + delimiter + (program?.path ?? process.env.PATH ?? "");
  const env = { PATH: path, HOME: join(own, "home"), TMPDIR: join(own, "tmp") };
  return new Promise((resolve, reject) => {
    const args = [acp, "demo", "--backend", name, "--scripted-model", "--json"];
    execFile(process.execPath, args, { env, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout) as Demo);
      } catch {
        reject(new Error(`The demo with ${name} printed no document:\n${stderr}`));
      }
    });
  });
}
