import { expect, test } from "vitest";
import { startScene } from "../support/forge.ts";

test("a missing label is created with its colour and description; a second one of the name is refused", async () => {
  const { ask } = await startScene();
  const wanted = { name: "agent-ready", color: "0E8A16", description: "An agent may take it" };
  const made = await ask("POST", "labels", { body: wanted });
  expect(made).toMatchObject({ status: 201, body: { ...wanted, color: "0e8a16" } });
  expect((await ask("GET", "labels/agent-ready")).body).toMatchObject({ description: "An agent may take it" });
  for (const name of ["agent-ready", "Agent-Ready"]) {
    expect(await ask("POST", "labels", { body: { name } })).toMatchObject({
      status: 422,
      body: { message: "Validation Failed", errors: [{ resource: "Label", field: "name", code: "already_exists" }] },
    });
  }
  expect((await ask("GET", "labels")).body).toHaveLength(1);
});

test("a label made in passing is grey and has no description, and is corrected by one change", async () => {
  const { ask } = await startScene();
  await ask("POST", "issues", { body: { title: "One", labels: ["agent-hold"] } });
  expect((await ask("GET", "labels/agent-hold")).body).toMatchObject({ color: "ededed", description: null });
  const corrected = { color: "b60205", description: "Agents keep away" };
  await ask("PATCH", "labels/agent-hold", { body: corrected });
  expect((await ask("GET", "issues/1")).body.labels).toMatchObject([{ name: "agent-hold", ...corrected }]);
  await ask("PATCH", "labels/agent-hold", { body: { color: "000000" } });
  expect((await ask("GET", "labels/agent-hold")).body).toMatchObject({
    color: "000000",
    description: "Agents keep away",
  });
  await ask("POST", "labels", { body: { name: "other" } });
  const taken = await ask("PATCH", "labels/other", { body: { new_name: "AGENT-hold" } });
  expect(taken).toMatchObject({ status: 422, body: { errors: [{ code: "already_exists" }] } });
  expect((await ask("PATCH", "labels/agent-hold", { body: { new_name: "Agent-Hold" } })).body.name).toBe("Agent-Hold");
});

test.each([
  ["a colour with a hash", { name: "a", color: "#ff0000" }, { field: "color", code: "invalid" }],
  ["a colour by name", { name: "a", color: "red" }, { field: "color", code: "invalid" }],
  ["a long description", { name: "a", description: "x".repeat(101) }, { field: "description", code: "invalid" }],
  ["a long name", { name: "x".repeat(51) }, { field: "name", code: "custom" }],
  ["no name", { color: "ff0000" }, { field: "name", code: "missing_field" }],
])("a label with %s is refused", async (_, body, error) => {
  const { ask } = await startScene();
  expect(await ask("POST", "labels", { body })).toMatchObject({ status: 422, body: { errors: [error] } });
});

test("labels are for those who may write, and what is on an issue goes with its label", async () => {
  const { ask, guest } = await startScene();
  await ask("POST", "issues", { body: { title: "One", labels: ["gone", "kept"] } });
  expect((await ask("POST", "labels", { body: { name: "a" }, token: guest })).status).toBe(403);
  expect((await ask("DELETE", "labels/gone", { token: guest })).status).toBe(403);
  expect((await ask("DELETE", "labels/gone")).status).toBe(204);
  expect((await ask("GET", "issues/1")).body.labels).toMatchObject([{ name: "kept" }]);
  expect((await ask("DELETE", "labels/gone")).status).toBe(404);
});
