import { describe, expect, test } from "vitest";
import { createContractChecker } from "./index.ts";

const checker = createContractChecker();
const issues = "/repos/maya/demo/issues";

describe("requests", () => {
  test("that fit the description have no problems", () => {
    expect(
      checker.checkRequest({ method: "GET", path: issues, query: { state: "open", per_page: "100", labels: "1" } }),
    ).toEqual([]);
    expect(
      checker.checkRequest({
        method: "POST",
        path: `/api/v3${issues}`,
        body: { title: "a", labels: ["b", { name: "c" }] },
      }),
    ).toEqual([]);
    expect(checker.checkRequest({ method: "PUT", path: `${issues}/1/labels`, body: { labels: ["a"] } })).toEqual([]);
    const run = {
      name: "a",
      head_sha: "b",
      status: "completed",
      conclusion: "success",
      output: { title: "t", summary: "s" },
    };
    expect(checker.checkRequest({ method: "POST", path: "/repos/maya/demo/check-runs", body: run })).toEqual([]);
    expect(checker.checkRequest({ method: "DELETE", path: "/repos/maya/demo/git/refs/heads/a/b" })).toEqual([]);
  });

  test.each([
    ["an unknown query field", { method: "GET", path: issues, query: { lables: "a" } }, /unknown query field "lables"/],
    ["a wrong query value", { method: "GET", path: issues, query: { state: "opened" } }, /one of the allowed values/],
    ["an unknown body field", { method: "POST", path: issues, body: { title: "a", label: ["b"] } }, /label/],
    [
      "an unknown field deep in a body",
      { method: "POST", path: issues, body: { title: "a", labels: [{ nam: "b" }] } },
      /labels/,
    ],
    [
      "an unknown field beside alternatives",
      { method: "PUT", path: `${issues}/1/labels`, body: { labels: ["a"], x: 1 } },
      /unevaluated|match/,
    ],
    [
      "a missing body field",
      { method: "POST", path: "/repos/maya/demo/pulls", body: { head: "a" } },
      /required property 'base'/,
    ],
    ["a body where none is taken", { method: "DELETE", path: `${issues}/comments/1`, body: {} }, /takes none/],
    ["an unknown operation", { method: "GET", path: "/repos/maya/demo/issue/1" }, /not an operation/],
  ])("with %s have a problem", (_, request, problem) => {
    expect(checker.checkRequest(request).join("\n")).toMatch(problem);
  });
});

describe("responses", () => {
  test("that lack a field, or have a status GitHub does not give, have a problem", () => {
    const label = {
      id: 1,
      node_id: "a",
      url: "http://a.example",
      name: "a",
      description: null,
      color: "ffffff",
      default: false,
    };
    const path = "/repos/maya/demo/labels/a";
    expect(checker.checkResponse({ method: "GET", path, status: 200, body: label })).toEqual([]);
    const { color: _, ...colourless } = label;
    expect(checker.checkResponse({ method: "GET", path, status: 200, body: colourless })[0]).toMatch(/'color'/);
    expect(checker.checkResponse({ method: "GET", path, status: 201, body: label })[0]).toMatch(/not a status/);
    expect(checker.checkResponse({ method: "GET", path, status: 418, body: {} })[0]).toMatch(/without a message/);
    expect(checker.checkResponse({ method: "GET", path, status: 304, body: label })[0]).toMatch(/has a body/);
  });
});
