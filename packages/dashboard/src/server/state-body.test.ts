import { expect, it } from "vitest";
import type { Document } from "../live/document.ts";
import { stateBody } from "./state-body.ts";

it("holds every document by its key, whatever is in it, and what changed since it was asked for last", () => {
  const host = { home: '/h/"quoted"' };
  const documents = new Map<string, Document>([
    ["host", host],
    ["profile:web", { titles: { "issue:7": "</script>\u2028" } }],
  ]);
  expect(JSON.parse(stateBody({ id: "e.1", documents }))).toEqual({
    id: "e.1",
    documents: Object.fromEntries(documents),
  });
  const later = new Map<string, Document>([...documents, ["profile:web", { titles: {} }]]);
  expect(JSON.parse(stateBody({ id: "e.2", documents: later }))).toEqual({
    id: "e.2",
    documents: { host, "profile:web": { titles: {} } },
  });
  expect(JSON.parse(stateBody({ id: "e.0", documents: new Map() }))).toEqual({ id: "e.0", documents: {} });
});
