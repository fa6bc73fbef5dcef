// docs/operating.md against what doctor can find and heal.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findingCodes } from "../../packages/cli/src/doctor/finding.ts";
import { healers } from "../../packages/cli/src/doctor/heal.ts";
import { root } from "../tooling/project-files.ts";

const page = readFileSync(join(root, "docs/operating.md"), "utf8");
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((text) => [/^`([^`]+)`/.exec(text)?.[1] ?? "", text]),
);

it("says what to do about each code of doctor, in its order", () => {
  expect([...sections.keys()]).toEqual([...findingCodes]);
  for (const [code, text] of sections) expect(text.length, code).toBeGreaterThan(60);
});

it("says of each finding that --fix heals, and of no other, that it is safe", () => {
  const safe = [...sections].filter(([, text]) => /\bSafe: /.test(text)).map(([code]) => code);
  expect(safe.sort()).toEqual(Object.keys(healers).sort());
});
