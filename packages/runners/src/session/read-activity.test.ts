import { describe, expect, it } from "vitest";
import { activityIn } from "./read-activity.ts";

const lines = (...events: object[]) => events.map((event) => `${JSON.stringify(event)}\n`).join("");

describe("a session's activity", () => {
  it("is the tool call that has not ended, and what the agent said last", () => {
    const tail = lines(
      { at: 1, kind: "message", text: "I look at it." },
      { at: 2, kind: "tool-start", id: "a", tool: "bash", detail: "ls" },
      { at: 3, kind: "tool-end", id: "a", tool: "bash", ok: true },
      { at: 4, kind: "tool-start", id: "b", tool: "edit", detail: "README.md" },
    );
    expect(activityIn(tail)).toEqual({
      ...{ at: 4, kind: "tool-start", text: "I look at it." },
      tool: { name: "edit", detail: "README.md", since: 4 },
    });
  });

  it("is read past lines that are cut off or no events", () => {
    const tail = `t":"half"}\n7\nnull\n${lines({ at: 5, kind: "usage" })}{"at":6,"kind":"mess`;
    expect(activityIn(tail)).toEqual({ at: 5, kind: "usage", tool: null, text: null });
    expect(activityIn("")).toBeNull();
  });

  it("is short, whatever the agent prints", () => {
    const activity = activityIn(lines({ at: 1, kind: "message", text: "x".repeat(1_000_000) }));
    expect(activity?.text).toHaveLength(300);
  });
});
