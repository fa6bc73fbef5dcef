import { expect, it } from "vitest";
import { columnsOf, cutTo } from "./columns.ts";

it.each([
  ["plain", 5],
  ["日本", 4],
  ["e\u0301e\u0301", 2],
  ["👨‍👩‍👧!", 3],
  ["한국어", 6],
  ["\u200b", 0],
  ["", 0],
])("%j takes %i columns", (text, columns) => expect(columnsOf(text)).toBe(columns));

it("cuts what is too long, and nothing else", () => {
  expect(cutTo("exactly", 7)).toBe("exactly");
  expect(cutTo("exactly", 6)).toBe("exact…");
  expect(cutTo("日本語", 5)).toBe("日本…");
  expect(cutTo("日本語", 4)).toBe("日…");
  expect(cutTo("anything", 1)).toBe("…");
  expect(cutTo("anything", 0)).toBe("");
});

it("never takes more columns than it was given, whatever the text is made of", () => {
  const odd = ["a", "語", "e\u0301\u0301\u0301", "👩🏽‍💻", "\ud800", "ｱ", " ", "\u200d"];
  for (let length = 0; length < 40; length += 1) {
    const text = Array.from({ length }, (_, index) => odd[(index * 7 + length) % odd.length]).join("");
    for (const columns of [1, 2, 3, 10, 39]) expect(columnsOf(cutTo(text, columns))).toBeLessThanOrEqual(columns);
  }
});

it("is done with a letter that carries a megabyte of marks", () => {
  expect(cutTo(`a${"\u0301".repeat(1_000_000)}b`, 10).length).toBeLessThan(1_000);
});
