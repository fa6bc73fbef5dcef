// Acceptance: the packed tarball is the whole product. Quick: only npm's own work is left out, see the slow test.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describeInstalledPackage, nativeModule } from "./installed-package.ts";

describeInstalledPackage(({ app, tarball }) => {
  const modules = join(app, "node_modules");
  const installed = join(modules, "agent-control-plane");
  for (const folder of [installed, join(modules, ".bin")]) mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed]);
  symlinkSync(nativeModule, join(modules, "better-sqlite3"));
  chmodSync(join(installed, "dist/cli.js"), 0o755);
  for (const name of ["acp", "agent-control-plane"])
    symlinkSync("../agent-control-plane/dist/cli.js", join(modules, ".bin", name));
});
