import { expect, test } from "vitest";
import { pageLinks } from "./pagination.ts";

const url = new URL("http://127.0.0.1/issues?labels=a%2Cb&per_page=10");
const rels = (page: number, total: number) =>
  [...(pageLinks(url, { page, perPage: 10 }, total) ?? "").matchAll(/[?&]page=(\d+)>; rel="(\w+)"/g)].map(
    ([, number, rel]) => `${rel} ${number}`,
  );

test("links lead on, back, and to both ends; one page has none", () => {
  expect(pageLinks(url, { page: 1, perPage: 10 }, 10)).toBeNull();
  expect(rels(1, 25)).toEqual(["next 2", "last 3"]);
  expect(rels(2, 25)).toEqual(["prev 1", "next 3", "last 3", "first 1"]);
  expect(rels(3, 25)).toEqual(["prev 2", "first 1"]);
  expect(rels(9, 25)).toEqual(["prev 3", "first 1"]);
});

test("a link keeps the rest of the query", () => {
  expect(pageLinks(url, { page: 1, perPage: 10 }, 11)).toContain("labels=a%2Cb&per_page=10&page=2>");
});
