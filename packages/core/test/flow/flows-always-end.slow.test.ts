import { expect, it } from "vitest";
import { playToTheEnd } from "./random-flows.ts";

it("20,000 random flows of every kind end in any order of any outcomes", () => {
  expect(playToTheEnd(100_000, 20_000)).toEqual(["cancelled", "failed", "skipped", "succeeded"]);
}, 300_000);
