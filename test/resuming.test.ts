import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { installProfile, makeProduct, type Product, until } from "./support/product.ts";

let product: Product | undefined;
afterEach(() => product?.close());

it("an attempt after a failed one is told what the host found, where the backend keeps no conversation", async () => {
  product = makeProduct();
  const { json, store } = product;
  await installProfile(product, {
    // The first attempt leaves what the checks refuse; whoever is told of it puts it right.
    shellCommand:
      'if grep -q "attempt 1: verification-failed" "$ACP_PROMPT_FILE"; then echo right > note.txt; else echo wrong > note.txt; fi',
    configure: {
      "execution.retry.cooldowns": [0],
      "verification.commands": [
        { name: "right note", command: "test ! -e note.txt || { cat note.txt; grep -q right note.txt; }" },
      ],
    },
  });
  await json("issue", "create", "--title", "Write a note", "--body", "A note is missing.", "--label", "agent-ready");
  await json("runtime", "start");
  const pulls = await until("the pull request", async () => {
    const found = await json<{ pullRequests: { number: number }[] }>("pr", "list");
    return found.pullRequests.length > 0 ? found.pullRequests : null;
  });
  expect(pulls).toHaveLength(1);

  const opened = await store();
  const sessions = (await opened.sessions.list({})).filter(({ kind }) => kind === "agent");
  expect(sessions.map(({ attempt, resumes }) => [attempt, resumes?.rung ?? null])).toEqual([
    [1, null],
    [2, "digest"],
  ]);
  const [first, second] = sessions.map(({ runDir }) => readFileSync(join(runDir, "prompt.md"), "utf8"));
  expect(first).not.toContain("verification-failed");
  expect(second).toContain(
    'check "right note" (test ! -e note.txt || { cat note.txt; grep -q right note.txt; }) ended with 1',
  );
  expect(second).toContain("the end of what it printed:\n    wrong");
  expect(second).toContain("files it changed: note.txt");
  expect(second).toContain("A note is missing.");
});
