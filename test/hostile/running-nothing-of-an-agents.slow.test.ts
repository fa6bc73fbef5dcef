import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { git, installProfile, makeProduct, type Product, until } from "../support/product.ts";
import { concluded } from "./concluded.ts";
import { settingsOf } from "./settings.ts";
import { writeTamperingWorker } from "./tampering-script.ts";

let product: Product | undefined;
afterEach(async () => product?.close());

it("runs nothing that an agent wrote into its repository or the host's, says so, and publishes the work", async () => {
  product = makeProduct();
  const { json, acp, folder, home } = product;
  const places = { canary: join(folder, "canary"), witness: join(folder, "witness") };
  mkdirSync(places.canary);
  // Without this a person is asked first, and nothing more is done with it until then.
  const configure = { "guards.allowed_paths": [".gitmodules"] };
  await installProfile(product, { shellCommand: writeTamperingWorker(folder, places), configure });
  await json("issue", "create", "--title", "Tamper with everything", "--label", "agent-ready");
  await json("runtime", "start");

  expect((await concluded(product, 1)).comments[0]?.body).toContain("Opened PR #2");
  // What comes after works with the same host repository.
  await json("issue", "create", "--title", "Plain work", "--label", "agent-ready");
  expect((await concluded(product, 3)).comments[0]?.body).toContain("Opened PR #4");
  const anchor = String((await settingsOf(product))["runtime.agent_repo_root"]);
  await until("the worktrees are gone", async () => git(anchor, "for-each-ref", "refs/acp/bases") === "");
  expect((await acp("pr", "diff", "2")).stdout).toMatch(/\+for issue 1[\s\S]*/);
  expect((await acp("pr", "diff", "2")).stdout).toContain("+not committed");
  expect((await acp("pr", "diff", "4")).stdout).toContain("+for issue 3");
  expect((await acp("pr", "diff", "4")).stdout).not.toContain("for issue 1");

  expect(readdirSync(places.canary)).toEqual([]);
  expect(readFileSync(join(home, "logs", "runtime.log"), "utf8")).toContain("changed by somebody else and repaired");
  expect(readFileSync(join(anchor, "config"), "utf8")).not.toMatch(/evil|fsmonitor|alias|insteadOf|include/i);
  expect(git(anchor, "for-each-ref", "refs/replace")).toBe("");

  // The trap was sharp: git as anybody runs it falls into it.
  try {
    execFileSync("git", ["status"], { cwd: places.witness, stdio: "ignore", env: { PATH: process.env.PATH } });
  } catch {
    // It may also fail.
  }
  expect(readdirSync(places.canary)).not.toEqual([]);
});
