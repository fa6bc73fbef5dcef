import { expect, it } from "vitest";
import { decisionInWords } from "./decision-in-words.ts";

const notOpen = (detail: string) =>
  decisionInWords({ kind: "hold", because: "not-open", detail } as Parameters<typeof decisionInWords>[0], "");

it("nothing is asked for a merged pull request; a closed one may be opened again", () => {
  expect(notOpen("#7 is merged")).toMatchObject({ text: "it is merged: nothing is left to do", unblockedBy: "" });
  expect(notOpen("#7 is closed")).toMatchObject({ text: "it is not open", unblockedBy: "reopen it" });
});
