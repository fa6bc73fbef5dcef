// The packed tarball on the newer Node that we promise: that Node comes from npm, and npm compiles the native module for
// it. Slow, and it needs a registry.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, it } from "vitest";
import { describeInstalledPackage, npx } from "./installed-package.ts";

describeInstalledPackage(({ app, tarball, env }) => {
  const place = join(app, "..", "node-24");
  mkdirSync(place);
  writeFileSync(join(place, "package.json"), '{ "private": true }');
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "node@24"], { cwd: place, env, stdio: "pipe" });
  const node = join(place, "node_modules/node/bin");
  env.PATH = `${node}${delimiter}${env.PATH}`;
  // The headers are in the package beside its program.
  env.npm_config_nodedir = join(place, `node_modules/node/node_modules/node-${process.platform}-${process.arch}`);
  execFileSync("npm", ["install", "--no-audit", "--no-fund", tarball], { cwd: app, env, stdio: "pipe" });
});

it("runs on Node 24, with a native module for it, and is installed as a version for it", async () => {
  const { stdout } = await npx("acp", "version", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ node: expect.stringMatching(/^24\./), abi: "137", native: "loads" });
  const synced = await npx("acp", "sync", "--json");
  expect(JSON.parse(synced.stdout)).toMatchObject({ status: "installed" });
  const { versions } = JSON.parse((await npx("acp", "versions", "--json")).stdout);
  expect(versions).toMatchObject([{ isCurrent: true, problem: null, node: { abi: "137" } }]);
});
