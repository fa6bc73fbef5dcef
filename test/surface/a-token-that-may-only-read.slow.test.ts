// Acceptance: a token that may read and not write loses nothing, and the work is published once a better one is there.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { installProfile, makeProduct, type Product, until } from "../support/product.ts";

let product: Product;
beforeEach(() => {
  product = makeProduct();
});
afterEach(() => product.close());

const secretsFile = () => join(product.home, "control-plane", "profiles", "web", "secrets.env");

it("a token that may only read publishes nothing, says what it lacks, and loses nothing", async () => {
  await installProfile(product, { shellCommand: "echo text > note.txt" });
  await product.json("issue", "create", "--title", "Work", "--label", "agent-ready");
  const right = readFileSync(secretsFile(), "utf8");
  const token = await product.forge().createToken({ login: "acp-agent", scopes: "read" });
  writeFileSync(secretsFile(), `GITHUB_TOKEN=${token}\n`);
  await product.json("runtime", "start");

  const failed = await until("the push is given up", async () => {
    const { outbox } = await product.json<{ outbox: OutboxRow[] }>("outbox", "list");
    return outbox.find((row) => row.kind === "push-branch" && row.state === "failed") ? outbox : null;
  });
  const push = failed.find((row) => row.kind === "push-branch");
  expect(push?.lastError).toMatch(/403|permission/i);
  const labels = failed.find((row) => row.kind === "add-labels");
  expect(labels?.lastError).toContain("lacks a permission: it needs read and write on contents, issues, pull");
  expect((await product.acp("runtime", "status")).stdout).toMatch(/outbox: \d+ pending, \d+ failed/);
  const seen = await product.json<{ labels: string[]; comments: [] }>("issue", "view", "1");
  expect(seen).toMatchObject({ labels: ["agent-ready"], comments: [] });

  writeFileSync(secretsFile(), right);
  await product.acp("runtime", "restart");
  for (const { id, state } of failed) if (state === "failed") await product.json("outbox", "retry", String(id));
  await until("the pull request", async () => {
    const { pullRequests } = await product.json<{ pullRequests: unknown[] }>("pr", "list");
    return pullRequests.length === 1;
  });
}, 240_000);

interface OutboxRow {
  readonly id: number;
  readonly kind: string;
  readonly state: string;
  readonly lastError: string | null;
}
