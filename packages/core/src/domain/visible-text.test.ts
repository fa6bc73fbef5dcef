import { expect, test } from "vitest";
import { visibleText } from "./visible-text.ts";

const plain = { coloured: false };

test("line ends, tabs, letters of any script and emoji made of several stay", () => {
  const text = "a\tb\nš ß 語 👨‍👩‍👧";
  expect(visibleText(text, plain)).toBe(text);
  expect(visibleText("a\r\nb", plain)).toBe("a\nb");
});

test("what moves the cursor, rings, hides or turns text around is shown", () => {
  expect(visibleText("\u001b[2J\u0007\u009b1A\u007f\rgone\u202egnp.exe\0", plain)).toBe(
    "\\u001b[2J\\u0007\\u009b1A\\u007f\\u000dgone\\u202egnp.exe\\u0000",
  );
});

test("JSON stays the same document", () => {
  const document = { title: "\u001b]0;pwned\u0007 \u009b \u202e \u2028 \r\n" };
  const shown = visibleText(JSON.stringify(document, null, 2), plain);
  expect(JSON.parse(shown)).toEqual(document);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/);
});

test("our own styles pass where there are colours, others do not", () => {
  const text = "\u001b[1mtitle\u001b[22m \u001b[8mhidden\u001b[0m";
  expect(visibleText(text, { coloured: true })).toBe("\u001b[1mtitle\u001b[22m \\u001b[8mhidden\\u001b[0m");
  expect(visibleText(text, plain)).not.toContain("\u001b");
});
