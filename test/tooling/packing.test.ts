import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { buildPackage } from "../../scripts/build.mjs";
import { root } from "./project-files.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acp-packing-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("packs a tarball and names it in the last line", () => {
  const output = execFileSync(process.execPath, ["scripts/pack.mjs"], { cwd: root, encoding: "utf8", stdio: "pipe" });
  const last = output.trim().split("\n").at(-1) ?? "";
  expect(last).toMatch(/dist\/agent-control-plane-\d+\.\d+\.\d+\.tgz$/);
  expect(existsSync(last)).toBe(true);
});

// A strict consumer without our libraries: the public types must not mention any of them.
it("gives a TypeScript program complete types of agent-control-plane/core", async () => {
  // A copy: through a link tsc would find the libraries of this workspace.
  cpSync(await buildPackage(), join(folder, "node_modules", "agent-control-plane"), { recursive: true });
  expect(
    typesOf(`import type { Task } from "agent-control-plane/core";\nexport const id = (t: Task): number => t.id;`),
  ).toBe("");
  expect(
    typesOf(`import type { Task } from "agent-control-plane/core";\nexport const id = (t: Task): string => t.id;`),
  ).toMatch(/TS2322/);
});

function typesOf(program: string): string {
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  writeFileSync(join(folder, "program.ts"), program);
  const flags = "--noEmit --strict --module NodeNext --target ES2022 --lib ES2023,DOM".split(" ");
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  return spawnSync(process.execPath, [tsc, ...flags, "program.ts"], { cwd: folder, encoding: "utf8" }).stdout;
}
