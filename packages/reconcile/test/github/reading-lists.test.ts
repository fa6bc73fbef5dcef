import type { ServerResponse } from "node:http";
import type { ForgeError } from "@agent-control-plane/core";
import { ManualClock } from "@agent-control-plane/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pageShape } from "../../src/github/page-shape.ts";
import { createConditionalReader, openGate } from "../../src/index.ts";
import { forgeCache, slowCooldowns } from "../fixtures/in-memory.ts";
import { json, type ScriptedForge, type SeenRequest, startScriptedForge } from "../fixtures/scripted-forge.ts";

type Item = { readonly number: number; readonly title: string };
const shape = pageShape<Item, Item>("items-1", (raw) => raw);

/** A list whose pages' ETags cover the page alone, and whose 304s carry no Link: the least a forge may promise. */
let items: Item[];
let forge: ScriptedForge;
let beforeEachAnswer: (request: SeenRequest, response: ServerResponse) => boolean;
const clock = new ManualClock();
const cache = forgeCache();

beforeEach(async () => {
  beforeEachAnswer = () => false;
  cache.rows.clear();
  forge = await startScriptedForge((request, response) => {
    if (beforeEachAnswer(request, response)) return;
    const query = new URL(request.url, forge.url).searchParams;
    const page = Number(query.get("page") ?? 1);
    const size = Number(query.get("per_page"));
    const body = items.slice((page - 1) * size, page * size);
    const etag = `W/"${JSON.stringify(body)
      .split("")
      .reduce((hash, c) => (hash * 31 + c.charCodeAt(0)) | 0, 7)}"`;
    if (request.headers["if-none-match"] === etag) return json(response, 304, null, { etag });
    const next = `<${forge.url}/items?per_page=${size}&page=${page + 1}>; rel="next"`;
    json(response, 200, body, { etag, ...(items.length > page * size ? { link: next } : {}) });
  });
});
afterEach(() => forge.close());

function openReader(list = { grows: false }) {
  const gate = openGate({
    apiUrl: forge.url,
    token: "t",
    tokenOrigin: "test",
    cooldowns: slowCooldowns(),
    clock,
    actor: "test",
  });
  const reader = createConditionalReader({ gate, cache, clock });
  return () => reader.all("/items", {}, shape, (item) => item.number, list);
}

const numbered = (count: number): Item[] => Array.from({ length: count }, (_, i) => ({ number: i + 1, title: "t" }));
const numbers = (list: readonly Item[]) => list.map((item) => item.number);
const statusless = () => forge.seen.splice(0).length;

describe("a list", () => {
  it.each([0, 1, 99, 100, 101, 250, 500])(
    "of %i items is read whole, and again for nothing while nothing changes",
    async (count) => {
      items = numbered(count);
      const read = openReader();
      expect(numbers(await read())).toEqual(numbers(items));
      statusless();
      let modified = 0;
      beforeEachAnswer = (request) => {
        if (request.headers["if-none-match"] === undefined) modified += 1;
        return false;
      };
      expect(numbers(await read())).toEqual(numbers(items));
      expect(statusless()).toBe(Math.max(1, Math.ceil(count / 100)));
      expect(modified).toBe(0);
    },
  );

  it("is read for nothing after a restart too: the cache is in the store", async () => {
    items = numbered(250);
    await openReader()();
    statusless();
    expect(numbers(await openReader()())).toEqual(numbers(items));
    expect(forge.seen.every((request) => request.headers["if-none-match"] !== undefined)).toBe(true);
    expect(statusless()).toBe(3);
  });

  it("that grows onto a new page is whole within a minute, although no known page changed", async () => {
    items = numbered(200);
    const read = openReader();
    await read();
    items = numbered(201);
    clock.advance(60_000);
    expect(numbers(await read())).toEqual(numbers(items));
    expect(numbers(await read())).toEqual(numbers(items));
    clock.advance(10);
    items = numbered(200);
    expect(numbers(await read())).toEqual(numbers(items));
  });

  it("that is known to grow is whole at once, and still for nothing while it does not", async () => {
    items = numbered(200);
    const read = openReader({ grows: true });
    await read();
    await read();
    items = numbered(201);
    expect(numbers(await read())).toEqual(numbers(items));
    items = numbered(300);
    await read();
    await read();
    let modified = 0;
    beforeEachAnswer = (request) => {
      if (request.headers["if-none-match"] === undefined) modified += 1;
      return false;
    };
    expect(numbers(await read())).toEqual(numbers(items));
    expect(modified).toBe(0);
  });

  it("that shrinks by pages is whole at once", async () => {
    items = numbered(350);
    const read = openReader();
    await read();
    items = numbered(120);
    expect(numbers(await read())).toEqual(numbers(items));
    items = numbered(5);
    expect(numbers(await read())).toEqual(numbers(items));
  });

  it("does not lose the item that slips over a page's edge while it is read", async () => {
    items = numbered(150);
    const read = openReader();
    beforeEachAnswer = (request) => {
      // Between the first and the second page somebody closes the first item, so 101 moves onto the page already read.
      if (request.url.includes("page=2") && items.length === 150) items = items.slice(1);
      return false;
    };
    expect(numbers(await read())).toEqual(numbers(numbered(150)).slice(1));
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ["dropped", (response) => response.destroy()],
    ["answered 500", (response) => json(response, 500, {})],
    ["a limit", (response) => json(response, 429, {}, { "retry-after": "1" })],
    ["no list", (response) => json(response, 200, { message: "hello" }, { etag: '"x"' })],
    ["not JSON", (response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>")],
    [
      "broken off",
      (response) => {
        response.writeHead(200, { "content-type": "application/json", etag: '"x"' });
        response.write('[{"number": 1');
        setImmediate(() => response.destroy());
      },
    ],
  ])("whose third page is %s is an error, and nothing of that page is remembered", async (_, fail) => {
    items = numbered(350);
    const read = openReader();
    beforeEachAnswer = (request, response) => {
      if (!request.url.includes("page=3")) return false;
      fail(response);
      return true;
    };
    const error: ForgeError = await read().catch((thrown) => thrown);
    expect(["unreachable", "rate-limited"]).toContain(error.failure);
    expect([...cache.rows.keys()].some((key) => key.includes("page=3"))).toBe(false);
    beforeEachAnswer = () => false;
    clock.advance(3_000);
    expect(numbers(await read())).toEqual(numbers(items));
  });

  it("does not carry the token to another host", async () => {
    items = numbered(3);
    beforeEachAnswer = (_request, response) => {
      json(response, 200, items, { link: '<http://localhost:9/items?page=2>; rel="next"' });
      return true;
    };
    await expect(openReader()()).rejects.toMatchObject({ failure: "refused" });
  });
});
