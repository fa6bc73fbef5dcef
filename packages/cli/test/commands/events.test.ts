import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { buildAcp } from "../support/acp.ts";

it("events refuses a count that is none, and an issue that is no number", async () => {
  const acp = await buildAcp();
  const env = { PATH: process.env.PATH, HOME: temporaryFolder("acp-events-") };
  for (const args of [
    ["--last", "x"],
    ["--last", "0"],
    ["--issue", "abc"],
  ]) {
    const stderr = expect.stringContaining(`${args[0]} is`);
    expect(await acp.run(["events", ...args], { env })).toMatchObject({ code: 64, stdout: "", stderr });
  }
  expect(await acp.run(["events", "--last", "5", "--issue", "#12"], { env })).toMatchObject({ code: 0 });
});
