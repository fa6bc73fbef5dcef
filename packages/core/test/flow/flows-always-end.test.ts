import { expect, it } from "vitest";
import { playToTheEnd } from "./random-flows.ts";

const all = ["cancelled", "failed", "skipped", "succeeded"];

it("random flows of every kind end in any order of any outcomes; no dependent begins before what it needs", () => {
  expect(playToTheEnd(1, 800)).toEqual(all);
});
