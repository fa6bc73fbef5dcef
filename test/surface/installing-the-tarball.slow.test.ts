// Acceptance: the packed tarball, installed alone with npm in an empty folder with an empty HOME, is the whole product.
// Slow: npm compiles the native module. It needs a registry.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { describeInstalledPackage, npx } from "./installed-package.ts";

describeInstalledPackage(({ app, tarball, env }) => {
  execFileSync("npm", ["install", "--no-audit", "--no-fund", tarball], { cwd: app, env, stdio: "pipe" });
});

it("runs the demo to its end", async () => {
  const ran = await npx("acp", "demo", "--json");
  expect(ran.code).toBe(0);
  expect(JSON.parse(ran.stdout)).toMatchObject({ ok: true });
}, 180_000);
