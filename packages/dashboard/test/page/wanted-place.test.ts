import { describe, expect, it } from "vitest";
import { wantedPlace } from "../../src/page/login/wanted-place.ts";

describe("the place that was wanted before a login", () => {
  it.each([
    ...["#/profile/web", "#/profile/web?view=outbox&q=422", "#/item/web/issue:12", "#/session/s12-0a1b2c3d"],
    ...["#/flow/f1abcdef", "#/outbox?state=failed", "#/trends"],
  ])("is %s, with its filters", (hash) => {
    expect(wantedPlace(hash)).toBe(hash);
  });

  it.each([
    ...[
      "//evil.example",
      "/\\evil.example",
      "\\\\evil.example",
      "https://evil.example",
      "javascript:alert(1)",
      "/",
      "",
    ],
    ...["#//evil.example", "#/\\evil.example", "#https://evil.example", "#/%2F%2Fevil.example", "#/%5Cevil.example"],
    ...["%2F%2Fevil.example", "#%2F%2Fevil.example", "/%09/evil.example", "#/\t/evil.example", " #/profile/web", "#/"],
    ...["#/nowhere", "#/profile/web/more/than/that", `#/profile/${"x".repeat(2_000)}`, null],
  ])("is never %j, which is no place of this page", (hash) => {
    expect(wantedPlace(hash)).toBeNull();
  });

  it("is made anew, so that its parts stay parts whatever they hold", () => {
    expect(wantedPlace("#/profile/https:%2F%2Fevil.example")).toBe("#/profile/https:%2F%2Fevil.example");
    expect(wantedPlace("#/profile/..%2F..%5C?q=<script>")).toBe("#/profile/..%2F..%5C?q=%3Cscript%3E");
  });
});
