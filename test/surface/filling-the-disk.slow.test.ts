// Acceptance: a full disk gets a clear error, and costs time but no work. On a small tmpfs, which only root may mount.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type OpenStore, storePath } from "@agent-control-plane/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installProfile, makeProduct, makeRepository, type Product, until } from "../support/product.ts";
import { daemonsOf, treeOf } from "./observing.ts";
import { canMount, fillDisk, freeDisk, mountHome, unmountHome } from "./small-disk.ts";

describe.skipIf(!canMount())("on a full disk", () => {
  let product: Product;
  beforeEach(() => {
    product = makeProduct();
    mountHome(product, 24);
  });
  afterEach(async () => {
    freeDisk(product);
    await product.acp("runtime", "stop", "--all");
    await product.acp("forge", "stop");
    const left = daemonsOf(product);
    unmountHome(product);
    await product.close();
    expect(left).toEqual([]);
  });

  it("init writes nothing, says why and what to do", async () => {
    makeRepository(join(product.folder, "checkout"), { "README.md": "# web\n" });
    const init = [
      "init",
      "--profile-id",
      "web",
      "--repo-slug",
      "ann/web",
      "--repo-root",
      join(product.folder, "checkout"),
    ];
    fillDisk(product);
    for (const command of [init, [...init, "--forge", "local"]]) {
      const ran = await product.acp(...command);
      expect(ran.code).toBeGreaterThan(0);
      expect(ran.stderr).toMatch(/no space left|disk is full/i);
      expect(ran.stderr).not.toContain("not expected");
    }
    expect(existsSync(join(product.home, "control-plane", "profiles", "web"))).toBe(false);
    freeDisk(product);
    expect((await product.acp(...init)).code).toBe(0);
  });

  it("the runtime does not start, says why, and starts when there is room", async () => {
    await installProfile(product, { shellCommand: "true" });
    fillDisk(product);
    const before = treeOf(product.home);
    const ran = await product.acp("runtime", "start");
    expect(ran).toMatchObject({ code: expect.any(Number), stdout: "" });
    expect(ran.code).toBeGreaterThan(0);
    expect(ran.stderr).toMatch(/no space left|disk is full/i);
    expect(ran.stderr).not.toContain("not expected");
    expect(daemonsOf(product)).toEqual([]);
    expect(Object.keys(treeOf(product.home)).filter((file) => !(file in before) && !file.includes("/logs/"))).toEqual(
      existsSync(storePath(product.home)) ? [storePath(product.home)] : [],
    );
    freeDisk(product);
    expect(await product.json("runtime", "start")).toMatchObject({ status: "started" });
  });

  it("work that is under way waits for room and is then published, once", async () => {
    const gate = join(product.folder, "go-on");
    const done = join(product.folder, "done");
    await installProfile(product, {
      shellCommand: `echo text > note.txt; until test -e "${gate}"; do sleep 0.1; done; echo more >> note.txt; echo > "${done}"`,
    });
    await product.json("issue", "create", "--title", "Work", "--label", "agent-ready");
    await product.json("runtime", "start");
    await until("the session", async () => (await runningSessions()).length === 1);
    const [daemon] = daemonsOf(product);

    fillDisk(product);
    writeFileSync(gate, "");
    await until("the worker has ended", async () => existsSync(done));
    const store = await product.store();
    await until("nothing can be saved any more", () => isFull(store));
    // It has a pass four times a second while a session is open; a few of them are to meet the full disk.
    await new Promise((over) => setTimeout(over, 2_000));
    expect(daemonsOf(product)).toEqual([daemon]);
    expect(await isFull(store)).toBe(true);
    freeDisk(product);

    await until("the pull request", async () => {
      const { pullRequests } = await product.json<{ pullRequests: unknown[] }>("pr", "list");
      return pullRequests.length === 1;
    });
    await until("the comment", async () => {
      const seen = await product.json<{ labels: string[]; comments: unknown[] }>("issue", "view", "1");
      return seen.comments.length === 1 && !seen.labels.includes("agent-running");
    });
    expect((await product.acp("pr", "diff", "2")).stdout).toContain("+more");
    expect(daemonsOf(product)).toEqual([daemon]);
  });

  const runningSessions = async () =>
    (await product.json<{ sessions: { state: string }[] }>("sessions", "list")).sessions.filter(
      ({ state }) => state === "running",
    );

  async function isFull(store: OpenStore): Promise<boolean> {
    try {
      await store.cooldowns.set({ scope: "test", until: 0, reason: "x".repeat(100_000) }, "test");
      return false;
    } catch (error) {
      return error instanceof Error && error.message.includes("the disk is full");
    }
  }
});
