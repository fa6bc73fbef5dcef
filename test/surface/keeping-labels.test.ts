// A repository gets the labels people and agents talk with, from a daemon of the built package on the real local forge.
import { afterEach, expect, it } from "vitest";
import { installProfile, makeProduct, type Product, until } from "../support/product.ts";

let product: Product | undefined;
afterEach(async () => product?.close());

interface Label {
  readonly name: string;
  readonly color: string;
  readonly description: string;
}

const route = "/repos/{owner}/{repo}/labels";

it("makes what is missing once, leaves a person's label as it is, and a second daemon makes none", async () => {
  product = makeProduct();
  await installProfile(product, { shellCommand: "true" });
  await product.json("forge", "start");
  const forge = product.forge();
  const token = await forge.createToken({ login: "ann" });
  const call = async (method: "GET" | "POST", body?: object) => {
    const response = await fetch(`${forge.url}/api/v3/repos/ann/web/labels?per_page=100`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    expect(response.ok).toBe(true);
    return response.json() as Promise<readonly Label[]>;
  };
  const names = async () => (await call("GET")).map(({ name }) => name);
  await call("POST", { name: "Agent-Hold", color: "123456", description: "mine" });
  const looks = async () => (await forge.counters()).byRoute[`GET ${route}`] ?? 0;
  const made = async () => (await forge.counters()).byRoute[`POST ${route}`] ?? 0;

  await forge.resetCounters();
  await product.json("runtime", "start");
  await until("the last label is there", async () => (await names()).includes("health-not-ok"));
  const first = await names();
  expect(first).toEqual(expect.arrayContaining(["agent-ready", "agent-double-check-1/2", "smoke-ok", "Agent-Hold"]));
  expect(first).not.toContain("agent-hold");
  const count = await made();
  expect(count).toBeGreaterThan(20);

  await forge.resetCounters();
  await product.json("runtime", "restart");
  await until("the second daemon has looked", async () => (await looks()) > 0);
  const ticks = async () => (await forge.counters()).byRoute["GET /repos/{owner}/{repo}/pulls"] ?? 0;
  const before = await ticks();
  await until("it has ticked on", async () => (await ticks()) > before + 2);
  expect(await made()).toBe(0);
  const store = await product.store();
  const rows = (await store.outbox.list({ limit: 1000 })).filter(({ kind }) => kind === "create-label");
  expect(rows).toHaveLength(count);
  expect(await names()).toEqual(first);
  const [person] = (await call("GET")).filter(({ name }) => name === "Agent-Hold");
  expect(person).toMatchObject({ color: "123456", description: "mine" });
}, 60_000);
