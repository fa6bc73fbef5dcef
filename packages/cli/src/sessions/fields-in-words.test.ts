import { expect, it } from "vitest";
import { fieldsInWords } from "./fields-in-words.ts";

it("shows a document's fields one by one, instants as dates", () => {
  expect(
    fieldsInWords({
      id: "s1",
      startedAt: 1_800_000_000_000,
      endedAt: null,
      ending: { exitReason: "finished", retryAt: null, processes: { killed: 0 } },
      evidence: { files: [{ path: "a" }], guards: [] },
      resumes: {},
    }),
  ).toEqual([
    ["id", "s1"],
    ["startedAt", "2027-01-15T08:00:00.000Z"],
    ["endedAt", "-"],
    ["ending.exitReason", "finished"],
    ["ending.retryAt", "-"],
    ["ending.processes.killed", "0"],
    ["evidence.files", '[{"path":"a"}]'],
    ["evidence.guards", "[]"],
    ["resumes", "-"],
  ]);
});
