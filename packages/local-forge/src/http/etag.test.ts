import { expect, test } from "vitest";
import { etagOf, matchesEtag } from "./etag.ts";

test("a tag differs by credential and by content", () => {
  expect(new Set([etagOf("1", "a"), etagOf("2", "a"), etagOf("1", "b"), etagOf("1", "a")]).size).toBe(3);
});

test("tags are compared weakly, in lists, and by star", () => {
  const etag = etagOf("1", "a");
  expect(matchesEtag(etag, etag)).toBe(true);
  expect(matchesEtag(etag.replace("W/", ""), etag)).toBe(true);
  expect(matchesEtag(`"other", ${etag}`, etag)).toBe(true);
  expect(matchesEtag("*", etag)).toBe(true);
  expect(matchesEtag('"other"', etag)).toBe(false);
  expect(matchesEtag(undefined, etag)).toBe(false);
});
