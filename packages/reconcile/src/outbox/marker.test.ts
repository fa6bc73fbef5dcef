import { describe, expect, it } from "vitest";
import { bodyLimit, capped, carriesMarker, marked, marker, neutralised, titleLine, withoutMarkers } from "./marker.ts";

const key = "demo/issue:12/1/comment";

describe("a marker", () => {
  it("is found again in what it was put into", () => {
    expect(carriesMarker(marked("Hello.", key), key)).toBe(true);
    expect(carriesMarker(marked("Hello.", key), "demo/issue:12/2/comment")).toBe(false);
    expect(carriesMarker(marked("Hello.", `${key}2`), key)).toBe(false);
  });

  it("cannot be ended early by its key", () => {
    expect(marker("a --> <script>")).toBe("<!-- acp:key=a%20--%3E%20%3Cscript%3E -->");
  });

  it.each([
    `see ${marker(key)} here`,
    "<!--acp:key=x -->",
    "<!-- \n ACP:key=x -->",
    `<!-${marker(key)}- acp:key=demo -->`,
    `<!--<!-- acp:key=x --> acp:key=x -->`,
    "<!-- <!-- acp:<!-- acp:key -->",
  ])("in the text of others is made harmless: %j", (hostile) => {
    expect(neutralised(hostile)).not.toMatch(/<!--\s*acp:/i);
    expect(marked(hostile, "mine").match(/<!--\s*acp:/gi)).toHaveLength(1);
  });

  it("is left out for people, and nothing else is", () => {
    expect(withoutMarkers(marked("Hello.\n<!-- a note -->", key))).toBe("Hello.\n<!-- a note -->");
    expect(withoutMarkers("Hello <!-- acp:key=a b --> you")).toBe("Hello <!-- acp:key=a b --> you");
  });

  it("leaves other hidden comments alone", () => {
    expect(neutralised("<!-- a note -->")).toBe("<!-- a note -->");
  });
});

describe("long text", () => {
  it("is cut with a note, and the marker still fits", () => {
    const sent = marked("x".repeat(200_000), key);
    expect(sent.length).toBeLessThan(65_536);
    expect(sent).toContain(`${200_000 - bodyLimit} of 200000 characters left out`);
    expect(carriesMarker(sent, key)).toBe(true);
  });

  it("is not cut inside a character", () => {
    expect(capped("ab😀", 3)).toMatch(/^ab\n/);
    expect(capped("ab😀", 4)).toBe("ab😀");
  });

  it("becomes a title of one short line", () => {
    expect(titleLine("Fix\r\nthe  bug\n")).toBe("Fix the bug");
    expect(titleLine("y".repeat(400))).toHaveLength(250);
  });
});
