// Acceptance: a full disk costs a flow time, and nothing is lost, half-written or told twice. On a small tmpfs.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeProduct, type Product, until } from "../support/product.ts";
import { daemonsOf } from "../surface/observing.ts";
import { canMount, fillDisk, freeDisk, mountHome, unmountHome } from "../surface/small-disk.ts";

describe.skipIf(!canMount())("a flow on a full disk", () => {
  let product: Product;
  beforeEach(() => {
    product = makeProduct();
    mountHome(product, 24);
  });
  afterEach(async () => {
    freeDisk(product);
    await product.acp("runtime", "stop", "--all");
    unmountHome(product);
    await product.close();
  });

  const planFile = (tasks: readonly object[]): string => {
    const file = join(product.folder, "plan.json");
    writeFileSync(file, JSON.stringify({ defaults: { worker: "shell" }, cwd: product.folder, tasks }));
    return file;
  };

  it("is refused with the reason and leaves nothing behind; with room it is taken", async () => {
    const file = planFile([{ id: "a", command: "true" }]);
    await product.json("flow", "run", file, "--no-start"); // its database is there
    const before = readdirSync(join(product.home, "flows"));
    fillDisk(product);
    const refused = await product.acp("flow", "run", file);
    expect(refused.code).toBeGreaterThan(0);
    expect(refused.stderr).toMatch(/no space left|disk is full/i);
    expect(refused.stderr).not.toContain("not expected");
    expect(readdirSync(join(product.home, "flows"))).toEqual(before);
    freeDisk(product);
    expect((await product.acp("flow", "list", "--all", "--json")).stdout.match(/"id"/g)).toHaveLength(1);
    await product.json("flow", "run", file, "--no-start");
  });

  it("goes on when there is room: each task has one end, what ran is not forgotten, and all is told once", async () => {
    const [gate, journal] = [join(product.folder, "go-on"), join(product.folder, "journal")];
    const file = planFile([
      {
        id: "a",
        command: `echo a >> ${journal}; until test -e ${gate}; do sleep 0.1; done; echo a-ends >> ${journal}`,
      },
      { id: "b", depends_on: ["a"], command: `echo b >> ${journal}` },
    ]);
    const { flow, folder, started } = await product.json<{ flow: string; folder: string; started: number }>(
      "flow",
      "run",
      file,
    );
    const lines = () => (existsSync(journal) ? readFileSync(journal, "utf8").trim().split("\n") : []);
    await until("the first task runs", async () => lines().length === 1);
    const runtime = daemonsOf(product);
    fillDisk(product);
    writeFileSync(gate, "");
    await until("its work is done", async () => lines().includes("a-ends"));
    await wait(3_000); // several looks of the runtime at a disk without a byte
    expect(daemonsOf(product)).toEqual(runtime);
    freeDisk(product);

    await until("the flow has ended", async () => {
      const { flow: found } = await product.json<{ flow: { state: string } }>("flow", "status", flow);
      return found.state === "succeeded";
    });
    const outbox = join(folder, "outbox.jsonl");
    await until("all is told", async () => readFileSync(outbox, "utf8").includes('"ALL_DONE"'));
    const told = readFileSync(outbox, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { seq: number; type: string; task?: string });
    expect(told.map(({ seq }) => seq)).toEqual(told.map((_, index) => index + 1));
    expect(told.filter(({ type }) => type === "TASK_DONE").map(({ task }) => task)).toEqual(["a", "b"]);
    expect(told.filter(({ type }) => type === "ALL_DONE")).toHaveLength(1);
    const { tasks } = await product.json<{ tasks: { id: string; attempts: number }[] }>("flow", "status", flow);
    for (const { id, attempts } of tasks) expect(lines().filter((line) => line === id)).toHaveLength(attempts);
    expect(daemonsOf(product)).toEqual(runtime);
    expect(started).toBeGreaterThan(1);
  });
});
