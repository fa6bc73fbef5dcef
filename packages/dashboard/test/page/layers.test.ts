import { expect, it } from "vitest";
import { layers } from "../../src/page/detail/layers.ts";

const columns = (needs: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(
    layers(Object.entries(needs).map(([id, of]) => ({ id, needs: of }))).map(({ id, column }) => [id, column]),
  );

it("puts each task right of all that it needs", () => {
  expect(columns({ end: ["left", "right"], left: ["start"], right: ["middle"], middle: ["start"], start: [] })).toEqual(
    {
      ...{ start: 0, left: 1, middle: 1, right: 2, end: 3 },
    },
  );
});

it("keeps straight lines straight", () => {
  const placed = layers([
    ...["a", "b", "c"].map((id) => ({ id: `${id}1`, needs: [] })),
    ...["c", "b", "a"].map((id) => ({ id: `${id}2`, needs: [`${id}1`] })),
  ]);
  const rowOf = (id: string) => placed.find((one) => one.id === id)?.row;
  for (const id of ["a", "b", "c"]) expect(rowOf(`${id}2`)).toBe(rowOf(`${id}1`));
});

it("bears a circle, a need that is not there, and a chain of thousands", () => {
  expect(Object.keys(columns({ a: ["b"], b: ["a"], c: ["gone", "c"] })).sort()).toEqual(["a", "b", "c"]);
  const chain = Array.from({ length: 5_000 }, (_, n) => ({ id: `${n}`, needs: n === 4_999 ? [] : [`${n + 1}`] }));
  expect(layers(chain).find(({ id }) => id === "0")?.column).toBe(4_999);
  expect(layers([])).toEqual([]);
});
