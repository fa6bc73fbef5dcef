import type { Profile } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { accountEnvironment, passedNames } from "./account-environment.ts";

const profile = {
  execution: {
    env: { pass: ["REGION"], set: { MODE: "x" } },
    accounts: {
      "team-b": { pass: ["B_EXTRA"], from: { ANTHROPIC_API_KEY: "TEAM_B_KEY", MISSING: "NOT_THERE" } },
      "team-c": { pass: [], from: {} },
    },
  },
} as unknown as Profile;
const env = { REGION: "eu", TEAM_B_KEY: "b-secret", ANTHROPIC_API_KEY: "a-secret" };

it("gives a session its own account's variables, by the names its program knows, and no other account's", () => {
  expect(accountEnvironment(profile, { pool: "team-b" }, env)).toEqual({
    pass: ["REGION", "B_EXTRA"],
    set: { MODE: "x", ANTHROPIC_API_KEY: "b-secret" },
  });
  for (const pool of ["team-c", "gone-from-the-profile", null]) {
    expect(accountEnvironment(profile, { pool }, env)).toEqual({ pass: ["REGION"], set: { MODE: "x" } });
  }
});

it("names everything that some session is given, as it is named here and there", () => {
  const [here, there] = [
    ["TEAM_B_KEY", "NOT_THERE"],
    ["ANTHROPIC_API_KEY", "MISSING"],
  ];
  const shared = ["REGION", "MODE", "B_EXTRA"];
  expect(passedNames(profile.execution, "here")).toEqual({ names: [...shared, ...here], keys: here });
  expect(passedNames(profile.execution, "in-session")).toEqual({ names: [...shared, ...there], keys: there });
});
