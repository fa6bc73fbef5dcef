// docs/outbox.md against the lists in the code.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deadLetterCodes, outboxKinds } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { root } from "../tooling/project-files.ts";

const page = readFileSync(join(root, "docs/outbox.md"), "utf8");

/** The code words in the first column of the table under a heading. */
function firstColumn(heading: string): string[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, word = ""]) => word);
}

it("names each kind of write", () => {
  expect(firstColumn("Kinds").sort()).toEqual([...outboxKinds].sort());
});

it("names each code a dead letter begins with", () => {
  expect(firstColumn("Dead letters")).toEqual([...deadLetterCodes]);
});
