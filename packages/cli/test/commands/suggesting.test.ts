import { expect, it } from "vitest";
import { runHere } from "../support/in-process.ts";

const env = { HOME: "/nonexistent", AGENT_RUNTIME_HOME: "/nonexistent/home" };

it.each([
  [["profil", "list"], "(Did you mean acp profile?)"],
  [["stauts"], "(Did you mean acp status?)"],
  [["runtime", "strat"], "(Did you mean start?)"],
  [["runtime", "status", "--profle-id", "x"], "(Did you mean --profile-id?)"],
  [["list"], '("list" is a command of'],
  [["quite-another-thing"], "unknown command 'quite-another-thing'"],
  [["profile", "remove"], "required option '--profile-id <id>' not specified"],
  [["init", "--profile-id", "web", "--forge", "gitlab"], "Allowed choices are github, local."],
])("%j is wrong usage, and is told what was meant", async (args, hint) => {
  const { code, stdout, stderr } = await runHere(args, { env });
  expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
  expect(stderr).toContain(hint);
  expect(stderr).toContain("Run with --help to see how it is used.");
  expect(stderr).not.toMatch(/\n {4}at /);
});

it.each([
  [["profile", "show"], 66],
  [["profile-smoke"], 66],
  [["profile", "import", "/nonexistent/file"], 66],
  [["profile", "show", "--profile-id", "../x"], 2],
  [["profile", "list"], 0],
])("%j ends with %i", async (args, code) => {
  const ended = await runHere(args, { env });
  expect(ended.code).toBe(code);
  expect(ended.stderr).not.toMatch(/\n {4}at /);
});
