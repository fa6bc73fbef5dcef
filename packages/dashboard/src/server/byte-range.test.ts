import { expect, it } from "vitest";
import { byteRange } from "./byte-range.ts";

it.each([
  [undefined, "all"],
  ["lines=0-4", "all"],
  ["bytes=0-4,8-9", "all"],
  ["bytes=0-0", { start: 0, length: 1 }],
  ["bytes=10-", { start: 10, length: Number.POSITIVE_INFINITY }],
  ["bytes=-500", { start: -500, length: 500 }],
  ["bytes=5-4", null],
  ["bytes=-", null],
  ["bytes=-0", null],
  ["bytes=a-b", null],
  ["bytes=1e3-", null],
])("the range %j is %j", (header, range) => expect(byteRange(header)).toEqual(range));
