import { expect, it } from "vitest";
import { nextLink } from "./link-header.ts";

it.each([
  [null, null],
  ["", null],
  ['<https://h/a?page=2>; rel="next", <https://h/a?page=5>; rel="last"', "https://h/a?page=2"],
  ['<https://h/a?page=1>; rel="prev", <https://h/a?page=3>; rel="next"', "https://h/a?page=3"],
  ['<https://h/a?page=1>; rel="first", <https://h/a?page=4>; rel="prev"', null],
  ["<https://h/a?page=2>; rel=next", "https://h/a?page=2"],
  ['<https://h/a?after=x,y&page=2>; rel="next"', "https://h/a?after=x,y&page=2"],
])("%j names the next page %j", (header, next) => {
  expect(nextLink(header)).toBe(next);
});
