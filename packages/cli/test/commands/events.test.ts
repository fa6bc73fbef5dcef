import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { runHere } from "../support/in-process.ts";

it("events refuses a count that is none, and an issue that is no number", async () => {
  const env = { PATH: process.env.PATH, HOME: temporaryFolder("acp-events-") };
  for (const args of [
    ["--last", "x"],
    ["--last", "0"],
    ["--issue", "abc"],
  ]) {
    const stderr = expect.stringContaining(`${args[0]} is`);
    expect(await runHere(["events", ...args], { env })).toMatchObject({ code: 64, stdout: "", stderr });
  }
  expect(await runHere(["events", "--last", "5", "--issue", "#12"], { env })).toMatchObject({ code: 0 });
});
