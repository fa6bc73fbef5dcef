import { expect, it } from "vitest";
import { type DrawnTask, drawFlow } from "./draw-flow.ts";

/** `a b>a c>a,b`: c needs both. */
const graph = (text: string): readonly DrawnTask[] =>
  text.split(" ").map((each) => {
    const [id = "", needs] = each.split(">");
    return { id, needs: needs?.split(",") ?? [], state: "waiting", interest: 0 };
  });

const picture = (tasks: readonly DrawnTask[], most = 100) =>
  drawFlow(tasks, most).map((line) => {
    if ("folded" in line)
      return `${line.lead}${Object.entries(line.folded).map(([name, count]) => `${count} ${name}`)}`;
    return `${line.lead}${line.id}${line.also.length === 0 ? "" : ` (${line.also.join(", ")})`}`;
  });

it("draws a diamond's end once, under the need that comes last, and names the other", () => {
  expect(picture(graph("a b>a c>a d>b,c e"))).toEqual(["a", "├─ b", "│  └─ d (c)", "└─ c", "e"]);
  expect(picture(graph("a b>a c>b,a"))).toEqual(["a", "└─ b", "   └─ c (a)"]);
});

it("draws a need that stands later in the plan above what needs it", () => {
  expect(picture(graph("c>b b>a a"))).toEqual(["a", "└─ b", "   └─ c"]);
});

it("folds what is of least interest, and says how many of which state", () => {
  const wide = graph("a b>a c>a d>a e>d f").map((task) => ({
    ...task,
    state: task.id === "d" ? "running" : "waiting",
    interest: task.id === "d" || task.id === "a" ? 1 : 0,
  }));
  expect(picture(wide, 2)).toEqual(["a", "├─ 2 waiting", "└─ d", "2 waiting"]);
});

it("draws each of 5,000 tasks once, as a chain, a fan or layers of diamonds, no further in than a screen is wide", () => {
  const size = 5_000;
  const ids = Array.from({ length: size }, (_, index) => `t${index}`);
  const shapes: readonly ((index: number) => readonly number[])[] = [
    (index) => (index === 0 ? [] : [index - 1]),
    (index) => (index === 0 ? [] : [0]),
    (index) => (index < 50 ? [] : [index - 50, index - (index % 50) - 50]),
  ];
  for (const needs of shapes) {
    const tasks = ids.map((id, index) => ({
      id,
      needs: needs(index).map((n) => `t${n}`),
      state: "waiting",
      interest: 0,
    }));
    const lines = drawFlow(tasks, size);
    expect(new Set(lines.map((line) => ("id" in line ? line.id : ""))).size).toBe(size);
    expect(Math.max(...lines.map(({ lead }) => lead.length))).toBeLessThanOrEqual(48);
    expect(drawFlow(tasks, 40).length).toBeLessThanOrEqual(81);
  }
});
