import { expect, it } from "vitest";
import { Screen } from "./screen.ts";

function aScreen() {
  let written = "";
  const screen = new Screen({ write: (text: string) => (written += text) });
  const since = () => {
    const text = written;
    written = "";
    return text;
  };
  screen.open();
  since();
  return { screen, since };
}

it("writes rows that changed, and nothing when none did", () => {
  const { screen, since } = aScreen();
  screen.draw(["one", "two", "three"]);
  expect(since()).toContain("\u001b[3;1Hthree");
  screen.draw(["one", "two", "three"]);
  expect(since()).toBe("");
  screen.draw(["one", "2", "three"]);
  expect(since()).toBe("\u001b[?2026h\u001b[2;1H2\u001b[K\u001b[?2026l");
});

it("clears rows that are gone, and writes all of them after it was told to forget them", () => {
  const { screen, since } = aScreen();
  screen.draw(["one", "two"]);
  since();
  screen.draw(["one"]);
  expect(since()).toContain("\u001b[2;1H\u001b[K");
  screen.forget();
  since();
  screen.draw(["one"]);
  expect(since()).toContain("\u001b[1;1Hone");
});

it("gives back everything that it took, once, and draws nothing on what is not its own", () => {
  let written = "";
  const screen = new Screen({ write: (text: string) => (written += text) });
  screen.open();
  const taken = modesIn(written);
  written = "";
  screen.close();
  const given = new Map(modesIn(written).map(([, mode, way]) => [mode, way]));
  for (const [, mode, way] of taken) expect(given.get(mode), mode).toBe(way === "h" ? "l" : "h");
  written = "";
  screen.close();
  screen.draw(["one"]);
  expect(written).toBe("");
});

const aMode = new RegExp(`${String.fromCharCode(27)}\\[\\?(\\d+)([hl])`, "g");
const modesIn = (text: string) => [...text.matchAll(aMode)];
