// `acp dashboard --login` as people have it: the built program, its address, its file, its end.
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { makeProduct, type Product } from "../support/product.ts";
import { endDashboard, serveDashboard } from "./open-page.ts";

let product: Product | undefined;
const children: Awaited<ReturnType<typeof serveDashboard>>["child"][] = [];
afterEach(async () => {
  for (const child of children.splice(0)) await endDashboard(child);
  await product?.close();
  product = undefined;
});

async function served(...flags: readonly string[]) {
  product ??= makeProduct({ ACP_ACTOR: "ann" });
  const found = await serveDashboard(product, flags);
  children.push(found.child);
  return { product, ...found, login: found.login ?? "" };
}

const filesOf = ({ home }: Product) => readdirSync(join(home, "state")).filter((name) => name.startsWith("dashboard-"));

it("an address logs in once; the next is told by a command of the same user, until the dashboard ends", async () => {
  const { product, url, login, child } = await served("--login");
  const [file = ""] = filesOf(product);
  expect(statSync(join(product.home, "state", file)).mode & 0o777).toBe(0o600);
  const told = async () => (await product.json<{ address: string }>("dashboard-login")).address;
  expect(await told()).toBe(login);
  expect((await fetch(`${url}/api/v1/state`)).status).toBe(401);

  const answer = await fetch(login);
  const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  expect((await fetch(`${url}/api/v1/state`, { headers: { cookie } })).status).toBe(200);
  expect((await fetch(login)).status).toBe(401);
  const next = await told();
  expect(next).not.toBe(login);
  expect(new URL(next).origin).toBe(url);
  const log = readFileSync(join(product.home, "logs", "dashboard.log"), "utf8");
  expect(log).toContain('"person":"ann"');
  for (const secret of [login, next].map((each) => new URL(each).searchParams.get("token") ?? ""))
    expect(log).not.toContain(secret);

  expect(await endDashboard(child)).toBe(0);
  expect(filesOf(product)).toEqual([]);
  expect(await product.acp("dashboard-login")).toMatchObject({ code: 66, stdout: "" });
});

it("of several that run one is named; what a killed one left leads nowhere", async () => {
  const first = await served("--login");
  const second = await served("--login");
  const { product } = first;
  expect(await product.acp("dashboard-login")).toMatchObject({ code: 64, stderr: expect.stringContaining("--port") });
  const { port } = new URL(second.url);
  expect((await product.acp("dashboard-login", "--port", port)).stdout.trim()).toBe(second.login);
  second.child.kill("SIGKILL");
  await once(second.child, "exit");
  expect((await product.acp("dashboard-login")).stdout.trim()).toBe(first.login);
  expect(filesOf(product)).toHaveLength(1);
});

it("an address that others reach is not served without a login, nor with a token that others can read", async () => {
  product = makeProduct();
  const refused = await product.acp("dashboard", "--host", "0.0.0.0", "--port", "0");
  expect(refused).toMatchObject({ code: 64, stdout: "", stderr: expect.stringContaining("--login") });
  const file = join(product.folder, "token");
  expect((await product.acp("dashboard", "--port", "0", "--bearer-file", file)).code).toBe(66);
  writeFileSync(file, "a-token-of-twenty-letters\n", { mode: 0o644 });
  expect(await product.acp("dashboard", "--port", "0", "--bearer-file", file)).toMatchObject({
    ...{ code: 1, stderr: expect.stringContaining("chmod 600") },
  });
  writeFileSync(join(product.folder, "short"), "short\n", { mode: 0o600 });
  expect((await product.acp("dashboard", "--port", "0", "--bearer-file", join(product.folder, "short"))).code).toBe(64);
  expect(existsSync(join(product.home, "state", "control-plane.db"))).toBe(false);
});

it("one that others reach answers by its own addresses, and nobody without a login", async () => {
  const { url, login } = await served("--login", "--host", "0.0.0.0");
  expect(new URL(login).origin).toBe(url);
  const { port } = new URL(url);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(401);
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(401);
});
