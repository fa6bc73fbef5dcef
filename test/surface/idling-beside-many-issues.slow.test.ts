// Acceptance: an idle tick costs nothing, however many issues are open.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { installProfile, makeProduct, type Product, until } from "../support/product.ts";
import { countTicks, lastSeq, quietMoment } from "./counting-ticks.ts";

let product: Product | undefined;
afterEach(() => product?.close());

const pulls = "GET /repos/{owner}/{repo}/pulls";
const base = "GET /repos/{owner}/{repo}/git/ref/{ref}";
const issues = "GET /repos/{owner}/{repo}/issues";

it("looks at 500 open issues with nothing to do in at most seven requests a tick, none of them metered", async () => {
  product = makeProduct();
  await installProfile(product, { shellCommand: "true" });
  await product.json("issue", "create", "--title", "first", "--label", "agent-ready", "--label", "agent-hold");
  await fileIssues(product, 499);
  await product.json("runtime", "start");
  const store = await product.store();
  await until("every issue has its reason", async () => (await store.decisions.list("web")).length === 500);
  const seq = await quietMoment(product, store);

  const idle = await countTicks(product, 6);

  expect(idle).toMatchObject({ metered: 0, writes: 0, notModified: idle.requests, children: [] });
  expect(idle.byRoute).toEqual({ [issues]: 5 * idle.ticks, [pulls]: idle.ticks, [base]: idle.ticks });
  expect(idle.storeWrites).toBeLessThanOrEqual(1 + idle.lastedMs / 10_000);
  expect(await lastSeq(store)).toBe(seq);

  const busy = await countTicks(product, 4, async ({ json }) => {
    await json("issue", "comment", "500", "--body", "any news?");
  });
  // What the comment itself cost the person, and the one page that changed.
  expect(busy.writes).toBe(1);
  expect(busy.metered).toBeGreaterThan(busy.writes);
  expect((await store.decisions.list("web")).every((decision) => decision.reason === "held")).toBe(true);
}, 120_000);

/** Held by a label, so that nobody need be asked who set the other one. */
async function fileIssues(from: Product, count: number): Promise<void> {
  const token = readFileSync(join(from.home, "local-forge", "operator-token"), "utf8").trim();
  const url = `${from.forge().url}/api/v3/repos/ann/web/issues`;
  for (let filed = 0; filed < count; filed += 1) {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ title: `issue ${filed}`, body: "text", labels: ["agent-ready", "agent-hold"] }),
    });
    if (response.status !== 201) throw new Error(`issue ${filed}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }
}
