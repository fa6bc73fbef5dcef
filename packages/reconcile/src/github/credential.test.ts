import { UserError } from "@agent-control-plane/core";
import { describe, expect, it } from "vitest";
import { credentialKey, resolveToken } from "./credential.ts";

const places = (secrets: string | null, env: Record<string, string>, gh: string | null) => ({
  secrets,
  env,
  runGhAuthToken: async () => gh,
});

describe("the token", () => {
  it.each([
    [places("a", { GITHUB_TOKEN: "b", GH_TOKEN: "c" }, "d"), { token: "a", origin: "secrets file" }],
    [places(null, { GITHUB_TOKEN: "b", GH_TOKEN: "c" }, "d"), { token: "b", origin: "GITHUB_TOKEN" }],
    [places("  ", { GITHUB_TOKEN: "", GH_TOKEN: "c\n" }, "d"), { token: "c", origin: "GH_TOKEN" }],
    [places(null, {}, "d\n"), { token: "d", origin: "gh auth token" }],
    [places(null, {}, null), null],
  ])("is looked for in the documented order (%#)", async (from, found) => {
    expect(await resolveToken(from)).toEqual(found);
  });

  it("is not asked of gh when it is elsewhere", async () => {
    const runGhAuthToken = () => Promise.reject(new Error("asked"));
    expect(await resolveToken({ env: { GH_TOKEN: "c" }, runGhAuthToken })).toMatchObject({ token: "c" });
  });

  it("that cannot be one is refused without being shown", async () => {
    const error = await resolveToken(places("secret one\nline two", {}, null)).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toContain("secrets file");
    expect(error.message).not.toMatch(/secret one|line two/);
  });

  it("has a short key that differs by token and does not hold it", () => {
    expect(credentialKey("abc")).toMatch(/^[0-9a-f]{16}$/);
    expect(credentialKey("abc")).not.toBe(credentialKey("abd"));
  });
});
