import { expect, it } from "vitest";
import { policy } from "../../test/support/snapshots.ts";
import { labelSpecs, missingLabels } from "./label-specs.ts";
import { statusLabelNames } from "./publish/status-label.ts";

const specs = labelSpecs(policy({ priorities: { soon: 10, later: -10 } }));
const names = specs.map(({ name }) => name);

it("names every label of the profile and of results, each once", () => {
  const wanted = [...Object.values(policy().labels), "soon", "later", ...statusLabelNames];
  expect(names.toSorted()).toEqual(wanted.toSorted());
});

it("gives each a colour and a description that a forge takes", () => {
  for (const { name, color, description } of specs) {
    expect(color, name).toMatch(/^[0-9A-F]{6}$/);
    expect(description, name).toMatch(/^.{10,100}$/);
  }
});

it("tells good results from bad ones by colour", () => {
  const colorOf = (name: string) => specs.find((spec) => spec.name === name)?.color;
  expect(colorOf("smoke-ok")).toBe("0E8A16");
  expect(colorOf("smoke-not-ok")).toBe("B60205");
});

it("makes one label of two names that differ in case only", () => {
  const labels = { ...policy().labels, ready: "Go", scheduled: "smoke-OK" };
  const made = labelSpecs(policy({ labels, priorities: { go: 1 } })).map(({ name }) => name);
  expect(made.filter((name) => /^(go|smoke-ok)$/i.test(name))).toEqual(["Go", "smoke-OK"]);
});

it.each([
  ["nothing is there", [], names],
  ["all are there", names, []],
  ["all are there, spelled otherwise", names.map((name) => name.toUpperCase()), []],
  ["one was deleted", names.filter((name) => name !== "agent-hold"), ["agent-hold"]],
  ["others are there", ["bug", "agent-read", "agent-ready "], names],
])("misses what a repository lacks when %s", (_when, existing, missing) => {
  expect(missingLabels(specs, existing).map(({ name }) => name)).toEqual(missing);
});
