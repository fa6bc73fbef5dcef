import { expect, it } from "vitest";
import { filled } from "./comment.ts";

it("fills the placeholders from the needed row's result", () => {
  const needed = { number: 7, url: "https://forge/pull/7" };
  expect(filled("Opened PR #{{pull_request_number}}: {{pull_request_url}}", needed)).toBe(
    "Opened PR #7: https://forge/pull/7",
  );
});

it("names every issue of a chain", () => {
  expect(filled("Now: {{issue_numbers}}", { number: 6, url: "u", numbers: [4, 5, 6] })).toBe("Now: #4, #5, #6");
  expect(filled("Now: {{issue_numbers}}", { number: 4, url: "u" })).toBe("Now: #4");
});

it("does not fill what was filled in, nor read replacement patterns in it", () => {
  expect(filled("{{pull_request_url}}", { number: 7, url: "{{pull_request_number}} $& $1" })).toBe(
    "{{pull_request_number}} $& $1",
  );
});

it("leaves placeholders without a value as they are", () => {
  expect(filled("{{pull_request_url}} {{other}}", null)).toBe("{{pull_request_url}} {{other}}");
});
