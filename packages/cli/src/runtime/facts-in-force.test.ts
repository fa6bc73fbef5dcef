import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Json, profileFile, type RuntimeRow } from "@agent-control-plane/core";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { factsInForce } from "./facts-in-force.ts";
import { fileStamp } from "./file-stamp.ts";

const daemon = (lastTick: Json, profileIds = ["web"]) => [{ profileIds, lastTick } as unknown as RuntimeRow];

it("what a daemon has read stands for the file until the file is another one, or is not in force", () => {
  const home = temporaryFolder();
  const file = profileFile(home, "web");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "id: web\n");
  const limit = { usd: 5, tokens: null };
  const facts = { stamp: fileStamp(file), timeZone: "Europe/Berlin", limit };
  expect(factsInForce(home, "web", daemon({ web: { facts } }))).toEqual({
    ...{ profileId: "web", problems: 0, problemTexts: [], timeZone: "Europe/Berlin", limit },
    ...{ repository: null, workers: null, resumeMs: null },
  });
  expect(factsInForce(home, "web", [])).toBe(null);
  expect(factsInForce(home, "web", daemon({ web: {} }))).toBe(null);
  expect(factsInForce(home, "web", daemon({ web: { facts } }, ["other"]))).toBe(null);
  expect(factsInForce(home, "web", daemon({ web: { facts, rules: { state: "last-good" } } }))).toBe(null);
  writeFileSync(file, "id: web\n# changed\n");
  expect(factsInForce(home, "web", daemon({ web: { facts } }))).toBe(null);
});
