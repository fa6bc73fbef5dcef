// Acceptance: an idle tick costs nothing. Counted by the forge, by the store and by what the daemon starts.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { installProfile, makeProduct, type Product, until } from "../support/product.ts";
import { countTicks, lastSeq, quietMoment } from "./counting-ticks.ts";

let product: Product | undefined;
let folder = "";
afterEach(async () => {
  await product?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const pulls = "GET /repos/{owner}/{repo}/pulls";
const base = "GET /repos/{owner}/{repo}/git/ref/{ref}";
const issues = "GET /repos/{owner}/{repo}/issues";

it("asks three times a tick, all unmetered, starts no process and leaves the store alone while nothing happens", async () => {
  const { calls, env } = loggingGit();
  product = makeProduct(env);
  await installProfile(product, { shellCommand: "true" });
  await product.json("issue", "create", "--title", "Nobody opted this in");
  await product.json("runtime", "start");
  const store = await product.store();
  const seq = await quietMoment(product, store);
  const git = calls();
  expect(git.length).toBeGreaterThan(0); // init looked at the checkout: the log works

  const idle = await countTicks(product, 10);

  expect(idle).toMatchObject({ metered: 0, writes: 0, notModified: idle.requests, children: [] });
  expect(idle.byRoute).toEqual({ [issues]: idle.ticks, [pulls]: idle.ticks, [base]: idle.ticks });
  expect(calls()).toEqual(git);
  expect(await lastSeq(store)).toBe(seq);
  // Its heartbeat is the only thing an idle daemon writes, each 10 s.
  expect(idle.storeWrites).toBeLessThanOrEqual(1 + idle.lastedMs / 10_000);

  const busy = await countTicks(product, 4, async ({ json }) => {
    await json("issue", "label", "1", "--add", "agent-ready");
  });
  expect(busy.metered).toBeGreaterThan(0);
  expect(busy.storeWrites).toBeGreaterThan(2);
  expect(await lastSeq(store)).toBeGreaterThan(seq);
  await until("a session has called git", async () => calls().length > git.length);
}, 120_000);

/** A git on the PATH that writes down each call before it becomes the real one. */
function loggingGit() {
  folder = mkdtempSync(join(tmpdir(), "acp-logging-git-"));
  const log = join(folder, "calls.log");
  const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\nPATH=\${PATH#*:}\nexec git "$@"\n`;
  writeFileSync(join(folder, "git"), script, { mode: 0o755 });
  return {
    env: { PATH: `${folder}:${process.env.PATH}` },
    calls: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
  };
}
