// Acceptance: the packed tarball, installed alone with npm in an empty folder with an empty HOME, is the whole product.
// It needs a registry. The native module, which npm would compile for a minute, is the one that this workspace has of the
// same version for the same Node; the test of Node 24 has npm compile it.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { describeInstalledPackage, nativeModule, npx } from "./installed-package.ts";

describeInstalledPackage(({ app, tarball, env }) => {
  const install = ["install", "--ignore-scripts", "--no-audit", "--no-fund", tarball];
  execFileSync("npm", install, { cwd: app, env, stdio: "pipe" });
  const built = "build/Release/better_sqlite3.node";
  mkdirSync(join(app, "node_modules/better-sqlite3/build/Release"), { recursive: true });
  cpSync(join(nativeModule, built), join(app, "node_modules/better-sqlite3", built));
});

it("runs the demo to its end", async () => {
  const ran = await npx("acp", "demo", "--json");
  expect(ran.code).toBe(0);
  expect(JSON.parse(ran.stdout)).toMatchObject({ ok: true });
}, 180_000);
