import { afterEach, expect, it } from "vitest";
import { runHere } from "../packages/cli/test/support/in-process.ts";
import { installProfile, makeProduct, type Product } from "./support/product.ts";

let product: Product | undefined;
afterEach(async () => product?.close());

it("an issue or pull request that does not exist is named, with what to do, and nothing else is said of it", async () => {
  product = makeProduct();
  const { acp, json } = product;
  await installProfile(product, { shellCommand: "true" });
  await json("issue", "create", "--title", "The only one");
  const asked = [
    [
      ["issue", "view", "999"],
      "Issue #999 was not shown: ann/web has none with this number",
      "acp issue list --state all",
    ],
    [["issue", "comment", "999", "--body", "x"], "Issue #999 was not commented on:", "acp issue list --state all"],
    [["issue", "label", "999", "--add", "x"], "Issue #999 was not labelled:", "acp issue list --state all"],
    [["issue", "close", "999"], "Issue #999 was not closed:", "acp issue list --state all"],
    [
      ["pr", "view", "999"],
      "Pull request #999 was not shown: ann/web has none with this number",
      "acp pr list --state all",
    ],
    [["pr", "diff", "999"], "Pull request #999 was not shown:", "acp pr list --state all"],
    [["pr", "merge", "999"], "Pull request #999 was not merged:", "acp pr list --state all"],
    [["pr", "view", "1"], "Pull request #1 was not shown:", 'If #1 is an issue, "acp issue view 1" shows it.'],
  ] as const;
  for (const [args, what, next] of asked) {
    const { code, stdout, stderr } = await runHere(args, { env: product.env, cwd: product.folder });
    expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: "" });
    expect(stderr).toContain(`error: ${what}`);
    expect(stderr).toContain(next);
    expect(stderr).not.toMatch(/GET|https?:|api\/v3|not expected/);
  }
  // What is there, without that label.
  const { stderr } = await acp("issue", "label", "1", "--remove", "never-was");
  expect(stderr).not.toContain("Issue #1 was not");
}, 60_000);
