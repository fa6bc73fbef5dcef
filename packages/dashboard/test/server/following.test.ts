import { get } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serving } from "./serving.ts";

let server: Awaited<ReturnType<typeof serving>>;
const open: { close(): void }[] = [];
beforeEach(async () => {
  server = await serving();
});
afterEach(async () => {
  for (const stream of open.splice(0)) stream.close();
  await server.close();
});

interface Told {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** Reads the stream as a browser does. */
function follow(lastId?: string) {
  const told: Told[] = [];
  let text = "";
  const headers = lastId === undefined ? {} : { "last-event-id": lastId };
  const request = get({ host: "127.0.0.1", port: server.port, path: "/api/v1/events", headers }, (answer) => {
    answer.setEncoding("utf8");
    answer.on("data", (chunk) => {
      const parts = (text + chunk).split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const fields = new Map(
          part.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
        );
        if (fields.has("data"))
          told.push({
            id: fields.get("id") ?? "",
            event: fields.get("event") ?? "",
            data: JSON.parse(fields.get("data") ?? ""),
          });
      }
    });
    answer.on("error", () => {});
  });
  request.on("error", () => {});
  const stream = {
    close: () => request.destroy(),
    async told(count: number): Promise<readonly Told[]> {
      while (told.length < count) await new Promise((done) => setTimeout(done, 5));
      return told;
    },
  };
  open.push(stream);
  return stream;
}

describe("following the state", () => {
  it("begins with everything and goes on with what changes, and only that", async () => {
    const stream = follow();
    await stream.told(1);
    server.set("profile:web", { state: "ready", live: [] });
    await stream.told(2);
    server.set("profile:web", { state: "stopped", live: [] });
    const told = await stream.told(3);
    expect(told.map(({ event, data }) => [event, data])).toEqual([
      ["state", expect.objectContaining({ documents: { host: { version: "1" } } })],
      ["change", [{ key: "profile:web", set: { state: "ready", live: [] } }]],
      ["change", [{ key: "profile:web", set: { state: "stopped" } }]],
    ]);
  });

  it("goes on where a connection broke, with what was missed and nothing twice", async () => {
    const first = follow();
    await first.told(1);
    server.set("host", { version: "2" });
    const last = (await first.told(2)).at(-1);
    first.close();
    server.set("host", { version: "3" });
    await server.ask("/api/v1/state"); // the change is seen by somebody else meanwhile
    server.set("host", { version: "4" });
    const told = await follow(last?.id).told(2);
    expect(told.map(({ event, data }) => [event, data])).toEqual([
      ["change", [{ key: "host", set: { version: "3" } }]],
      ["change", [{ key: "host", set: { version: "4" } }]],
    ]);
  });

  it("begins anew for a reader who knows another start of the program", async () => {
    const [told] = await follow("abc-7").told(1);
    expect(told).toMatchObject({ event: "state", data: { documents: { host: { version: "1" } } } });
  });

  it("reads nothing any more when nobody follows", async () => {
    const stream = follow();
    await stream.told(1);
    stream.close();
    let before = -1;
    while (before !== server.seen.reads) {
      before = server.seen.reads;
      await new Promise((done) => setTimeout(done, 100));
    }
    expect(server.seen.reads).toBe(before);
  });
});
