import { expect, it, onTestFinished } from "vitest";
import type { Details } from "../../src/index.ts";
import { serving } from "./serving.ts";

const asked: unknown[] = [];
const answering = (name: string) => async (of: unknown) => {
  asked.push([name, of]);
  return (of === "unknown" ? null : { name }) as never;
};
const details: Details = {
  item: async () => null,
  snapshotFacts: answering("facts"),
  session: answering("session"),
  sessionDiff: answering("diff"),
  sessionLog: async () => ({ size: 0, start: 0, bytes: new Uint8Array() }),
  flow: answering("flow"),
  series: answering("series"),
};

async function askingFor(path: string, headers: Readonly<Record<string, string>> = {}) {
  const server = await serving({ details });
  onTestFinished(() => server.close());
  const answer = await server.ask(path, headers);
  return { ...answer, body: answer.text === "" ? null : JSON.parse(answer.text) };
}

it.each([
  ["/api/v1/sessions/s1", "session", "unknown-session"],
  ["/api/v1/sessions/s1/diff", "diff", "no-diff"],
  ["/api/v1/flows/s1", "flow", "unknown-flow"],
])("gives what is at %s, and a reason where nothing is", async (path, name, code) => {
  expect(await askingFor(path)).toMatchObject({
    ...{ status: 200, body: { name }, headers: { "cache-control": "no-store" } },
  });
  expect(asked).toContainEqual([name, "s1"]);
  const missing = await askingFor(path.replace("s1", "unknown"));
  expect(missing).toMatchObject({ status: 404, body: { error: { code } } });
});

it("gives the series of as many hours as are asked for, of one profile or of all", async () => {
  expect((await askingFor("/api/v1/series")).status).toBe(200);
  expect(asked).toContainEqual(["series", { profileId: null, hours: 24 }]);
  await askingFor("/api/v1/series?hours=720&profile=web");
  expect(asked).toContainEqual(["series", { profileId: "web", hours: 720 }]);
  for (const hours of ["0", "721", "-1", "1e2", "x"])
    expect(await askingFor(`/api/v1/series?hours=${hours}`)).toMatchObject({
      ...{ status: 400, body: { error: { code: "bad-query" } } },
    });
});

it("answers with nothing for a log in which nothing is yet, whatever range is asked for", async () => {
  for (const headers of [{}, { range: "bytes=0-" }, { range: "bytes=-500" }])
    expect(await askingFor("/api/v1/sessions/s1/log", headers)).toMatchObject({ status: 200, text: "" });
});
