import { describe, expect, it } from "vitest";
import { hashOf, type Place, readRoute } from "../../src/page/routes.ts";

describe("a place in the page", () => {
  const places: readonly Place[] = [
    { page: "overview" },
    { page: "outbox" },
    { page: "trends" },
    { page: "profile", profileId: "web" },
    { page: "item", profileId: "web", subject: "issue:12" },
    { page: "session", sessionId: "s-1" },
    { page: "flow", flowId: "a/b ?#%" },
  ];

  it("is found again by its hash, with its filters", () => {
    const query = { q: "a b&c=d#?%", state: "waiting" };
    for (const place of places) {
      expect(readRoute(hashOf(place))).toEqual({ ...place, query: {} });
      expect(readRoute(hashOf(place, query))).toEqual({ ...place, query });
    }
  });

  it("is readable in the address", () => {
    expect(hashOf({ page: "item", profileId: "web", subject: "issue:12" }, { q: "" })).toBe("#/item/web/issue:12");
    expect(hashOf({ page: "overview" }, { state: "waiting" })).toBe("#/?state=waiting");
    expect(readRoute("")).toEqual({ page: "overview", query: {} });
  });

  it("is unknown when it is none, however odd", () => {
    for (const hash of ["#/nowhere", "#/item/web", "#/profile", "#/outbox/web", "#/session/a/b", "#/item/a/b/c"])
      expect(readRoute(hash).page).toBe("unknown");
    expect(readRoute("#/profile/%E0%A4%A")).toEqual({ page: "profile", profileId: "%E0%A4%A", query: {} });
  });
});
