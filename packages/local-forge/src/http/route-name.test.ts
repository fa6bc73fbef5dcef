import { expect, test } from "vitest";
import { routeName } from "./route-name.ts";

test.each([
  ["/repos/a/b/issues/12/labels/in%20work", "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}"],
  ["/repos/a/b/issues/comments/5", "/repos/{owner}/{repo}/issues/comments/{comment_id}"],
  ["/repos/a/b/commits/feature/x/status", "/repos/{owner}/{repo}/commits/{ref}/status"],
  ["/repos/a/b/git/refs/heads/feature/x", "/repos/{owner}/{repo}/git/refs/{ref}"],
  ["/nothing/known", "/nothing/known"],
])("%s is %s", (path, name) => {
  expect(routeName(path)).toBe(name);
});
