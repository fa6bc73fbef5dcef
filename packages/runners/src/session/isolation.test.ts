import { expect, it } from "vitest";
import { chooseIsolation } from "./isolation.ts";

const none = () => "process-tree" as const;
const some = () => "pid-namespace" as const;

it("takes what the machine can do when nobody asks for more", () => {
  expect(chooseIsolation("auto", some)).toBe("pid-namespace");
  expect(chooseIsolation("auto", none)).toBe("process-tree");
  expect(chooseIsolation("process-tree", some)).toBe("process-tree");
});

it("does not fall back from a namespace that was asked for by name", () => {
  expect(chooseIsolation("pid-namespace", some)).toBe("pid-namespace");
  expect(() => chooseIsolation("pid-namespace", none)).toThrow(/gives none.*set execution.isolation to "auto"/s);
});
