// What tasks leave and say to do harm: the flow ends, the runtime goes on, nothing from elsewhere comes into the store.
import { describe, expect, it } from "vitest";
import { runHere } from "../support/in-process.ts";
import { plan, task } from "./field-case.ts";
import { aFlowBench, type Plan } from "./flow-bench.ts";

const bench = await aFlowBench();

const own = (more: Plan) => task("t", { cwd: "@attempt", ...more });
const result = (command: string) => own({ command: `cd "$ACP_ATTEMPT_DIR"; ${command}` });
const output = (command: string) => own({ command, outputs: { out: "left" } });
const schema = (check: unknown, command: string) =>
  own({ command, validate: [{ json_schema: { file: "a", schema: check } }] });
const regex = (pattern: string, command: string) => own({ command, validate: [{ regex: { pattern } }] });
const many = "x".repeat(300_000);

/** What the task is, the state and reason it comes to, and what its summary says. */
describe.concurrent("a task that", () => {
  it.each<readonly [string, Plan, string, string | null, string]>([
    [
      "links its result to a file elsewhere",
      result("ln -s /etc/passwd result.json"),
      "failed",
      "bad-result",
      "is no file",
    ],
    ["makes a pipe of its result", result("mkfifo result.json"), "failed", "bad-result", "is no file"],
    ["makes a folder of its result", result("mkdir result.json"), "failed", "bad-result", "is no file"],
    [
      "leaves a result of a gigabyte",
      result("dd if=/dev/zero of=result.json bs=1 count=1 seek=1073741823 2>/dev/null"),
      ...(["failed", "bad-result", "has 1073741824 bytes"] as const),
    ],
    [
      "leaves a result that is nested 30,000 deep",
      result(`python3 -c 'print("[" * 30000 + "]" * 30000)' > result.json`),
      ...(["failed", "bad-result", "nested more than 60 deep"] as const),
    ],
    [
      "makes pipes of what it printed",
      result("rm stdout.log stderr.log; mkfifo stdout.log stderr.log; exit 3"),
      ...(["failed", "exit-code", "exit code 3"] as const),
    ],
    [
      "prints a terminal's escapes and a line of a megabyte",
      result(`python3 -c 'import sys; sys.stderr.write("x" * 1000000 + "\\033]0;owned\\007\\0 oh")'; exit 1`),
      ...(["failed", "exit-code", "[U+001B]]0;owned[U+0007][U+0000] oh"] as const),
    ],
    [
      "links an output to a file elsewhere",
      output("ln -s /etc/passwd left"),
      "failed",
      "output-bad",
      "is a link to there",
    ],
    ["links an output to nothing", output("ln -s nowhere left"), "failed", "output-missing", "was not left"],
    ["links an output to itself", output("ln -s left left"), "failed", "output-bad", "ELOOP"],
    [
      "reaches an output through a folder elsewhere",
      own({ command: "ln -s /etc left", outputs: { out: "left/passwd" } }),
      ...(["failed", "output-bad", "outside of where the task runs"] as const),
    ],
    ["makes a pipe of an output", output("mkfifo left"), "failed", "output-bad", "neither file nor folder"],
    ["has a pipe in an output", output("mkdir left; mkfifo left/a"), "failed", "output-bad", "neither file nor folder"],
    [
      "leaves an output of a terabyte",
      output("dd if=/dev/zero of=left bs=1 count=1 seek=1099511627775 2>/dev/null"),
      ...(["failed", "output-bad", "more than 1073741824 bytes"] as const),
    ],
    [
      "leaves more files than are kept",
      output("mkdir left; cd left; seq 1 10001 | xargs touch"),
      ...(["failed", "output-bad", "more than 10000 files"] as const),
    ],
    [
      "prints what a pattern takes for ever on",
      regex("^(a+)+$", 'echo "$(printf "%040d" 0 | tr 0 a)!"'),
      "failed",
      "not-valid",
      "took longer than 1 s",
    ],
    [
      "leaves what a schema's pattern takes for ever on",
      schema({ type: "string", pattern: "^(a+)+$" }, `echo "\\"$(printf "%040d" 0 | tr 0 a)!\\"" > a`),
      ...(["failed", "not-valid", "took longer than 1 s"] as const),
    ],
    [
      "leaves what a schema compares one with each other",
      schema({ uniqueItems: true }, `python3 -c 'print("[" + ",".join("[%d]" % i for i in range(100000)) + "]")' > a`),
      ...(["failed", "not-valid", "took longer than 1 s"] as const),
    ],
    ["makes a pipe of what is checked", schema({}, "mkfifo a"), "failed", "not-valid", "is no file"],
    [
      "links what is checked to itself",
      own({ command: "ln -s a a", validate: [{ file: "a" }] }),
      "failed",
      "not-valid",
      "there is no a",
    ],
    [
      "links what is checked to what is no JSON, which is not told on",
      schema({}, "ln -s /etc/passwd a"),
      ...(["failed", "not-valid", "Check 1: a: it is not JSON"] as const),
    ],
    [
      "prints more than a pattern looks at",
      regex("a", "head -c 2000000 /dev/zero"),
      "failed",
      "not-valid",
      "2000000 bytes",
    ],
    ["is to run in a file", task("t", { cwd: "/etc/passwd" }), "failed", "not-run", "could not be run"],
    [
      "has an argument longer than a system takes",
      task("t", { command: ["echo", many] }),
      "failed",
      "not-run",
      "E2BIG",
    ],
    [
      "has a refused schema",
      schema({ $ref: "#/nowhere" }, "echo 1 > a"),
      "failed",
      "not-valid",
      "can't resolve reference",
    ],
  ])("%s", async (_, given, state, why, says) => {
    const run = await bench.run(plan([given, task("beside")]));
    expect((await run.end()).state).toBe("failed");
    const ended = await run.task("t");
    expect([ended.state, ended.reason]).toEqual([state, why]);
    expect(ended.summary).toContain(says);
    expect(ended).toMatchObject({ attempts: 1, result: null });
    expect(await run.task("beside")).toMatchObject({ state: "succeeded" });
    const all = JSON.stringify([ended, await run.messages()]);
    expect(all).not.toContain("root:x");
    expect(all.length).toBeLessThan(1_000_000 + JSON.stringify(given).length * 2);
    const shown = await runHere(["flow", "status", run.id], { env: { AGENT_RUNTIME_HOME: bench.home } });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(shown.stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  });
});

it("links inside of a folder that is kept stay links, and names of a plan cannot leave their folder", async () => {
  const run = await bench.run(plan([output("mkdir left; ln -s /etc/passwd left/a; echo b > left/b")]));
  expect((await run.end()).state).toBe("succeeded");
  expect(await run.file("t", "outputs/out/b")).toBe("b\n");
  for (const id of ["..", ".", "a/b", "../a", "", "con\0", "-a", "a".repeat(65)]) {
    await expect(bench.run(plan([task(id)])), JSON.stringify(id)).rejects.toThrow("tasks[0].id");
  }
  for (const name of ["..", "a/b", ".", ""]) {
    await expect(bench.run(plan([task("t", { outputs: { [name]: "a" } })]))).rejects.toThrow("outputs");
  }
  expect((await (await bench.run(plan([task("con"), task("nul.txt"), task("a..b")]))).end()).state).toBe("succeeded");
});
