import { expect, it } from "vitest";
import type { Annotation } from "../../domain/reading.ts";
import { annotationLines, firstFailures } from "./annotation-lines.ts";

const failure = (over: Partial<Annotation> = {}): Annotation => ({
  ...{ level: "failure", path: "src/a.ts", line: 3, title: "", message: "is wrong" },
  ...over,
});

it("says where and what, a line each, of failures alone", () => {
  const annotations = [
    failure({ title: "TS2322", message: "not a\nnumber" }),
    failure({ level: "warning" }),
    failure({ line: null, level: "notice" }),
    failure({ path: ".github", line: null, message: "Process completed with exit code 1." }),
  ];
  expect(annotationLines(firstFailures(annotations))).toBe(
    "src/a.ts:3: TS2322: not a number\n.github: Process completed with exit code 1.",
  );
});

it("says the first twenty at most, none longer than a line, and a few kilobytes together", () => {
  const many = Array.from({ length: 50 }, (_, line) => failure({ line }));
  expect(firstFailures(many)).toEqual(many.slice(0, 20));
  const long = annotationLines(firstFailures(many.map((one) => ({ ...one, message: "x".repeat(60_000) }))));
  expect(long.length).toBeLessThanOrEqual(4_000);
  expect(long.split("\n").length).toBeGreaterThan(10);
});
