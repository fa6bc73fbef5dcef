import { expect, it } from "vitest";
import { rememberAnswers } from "./remember-answers.ts";
import type { Git } from "./run-git.ts";

const [one, other] = ["1".repeat(40), "2".repeat(40)];

function counting(code = 0) {
  const asked: string[] = [];
  const attempt: Git["attempt"] = async (_, args) => {
    asked.push(args.join(" "));
    return { code, stdout: "said", stderr: "" };
  };
  const output: Git["output"] = async (cwd, args) => (await attempt(cwd, args)).stdout;
  return { asked, git: rememberAnswers({ environment: {}, attempt, output }) };
}

it("asks git once about commits that are named wholly", async () => {
  const { asked, git } = counting();
  for (let time = 0; time < 3; time += 1)
    expect(await git.output("/r", ["log", "--reverse", `${one}..${other}`])).toBe("said");
  expect(asked).toHaveLength(1);
  await git.output("/another", ["log", "--reverse", `${one}..${other}`]);
  expect(asked).toHaveLength(2);
});

it.each([
  ["a branch", ["log", "main"]],
  ["a part of a name", ["log", one.slice(0, 12)]],
  ["what begins from a branch", ["rev-list", "--count", `main..${one}`]],
  ["a command that writes", ["commit-tree", one]],
])("asks again about %s", async (_, args) => {
  const { asked, git } = counting();
  await git.attempt("/r", args);
  await git.attempt("/r", args);
  expect(asked).toHaveLength(2);
});

it("asks again about a commit that was not there", async () => {
  const { asked, git } = counting(128);
  await git.attempt("/r", ["merge-base", one, other]);
  await git.attempt("/r", ["merge-base", one, other]);
  expect(asked).toHaveLength(2);
});
