// What a task of a flow costs: counted, since times depend on the machine.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openStore, parsePlan, systemClock } from "@agent-control-plane/core";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { watchingScript } from "../../src/flow/watching-shell.ts";
import { engineFor } from "./engine-for.ts";

interface Counted {
  /** Of a task, on average. */
  readonly statements: number;
  readonly commits: number;
}

async function countOf(size: number, needs: (index: number) => readonly string[]): Promise<Counted> {
  const home = temporaryFolder();
  const counted = { statements: 0, commits: 0 };
  const store = await openStore({
    path: join(home, "store.db"),
    onStatement(sql) {
      counted.statements += 1;
      if (sql === "commit") counted.commits += 1;
    },
  });
  const folder = join(home, "flows", "f1");
  mkdirSync(folder, { recursive: true });
  const tasks = Array.from({ length: size }, (_, index) => ({
    ...{ id: `t${index}`, worker: "shell", command: ["true"], depends_on: needs(index) },
  }));
  const parsed = await parsePlan(JSON.stringify({ tasks }), { file: "plan.json", cwd: home });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  await store.flows.submit(parsed.plan, { id: "f1", folder, submittedBy: "test" });
  counted.statements = 0;
  counted.commits = 0;
  const engine = engineFor(store);
  const running = engine.run();
  let looks = 0;
  try {
    for (; (await store.flows.get("f1"))?.finishedAt === null; looks += 1) await systemClock.sleep(20);
    expect((await store.flows.get("f1"))?.state).toBe("succeeded");
  } finally {
    await engine.stop("end");
    await running;
    await store.close();
  }
  return { statements: (counted.statements - looks) / size, commits: counted.commits / size };
}

const shapes = {
  wide: () => [],
  deep: (index: number) => (index === 0 ? [] : [`t${index - 1}`]),
  diamond: (index: number) => (index === 0 ? [] : index % 10 === 0 ? [`t${index - 1}`] : ["t0"]),
};

it.each(Object.entries(shapes))(
  "a task of a %s flow costs the same in a large flow as in a small one",
  async (_, needs) => {
    const small = await countOf(15, needs);
    const large = await countOf(90, needs);
    // Looks by the clock are in it; a busy machine has more of them.
    expect(large.statements).toBeLessThan(small.statements * 1.3);
    expect(large.statements).toBeLessThan(100);
    // Its end and the next one's beginning are one transaction; the others are of the mailbox.
    expect(large.commits).toBeLessThan(2.5);
  },
  60_000,
);

it("a task's command is the child of its watching shell, and that the runtime's: two processes", async () => {
  const home = temporaryFolder();
  const store = await openStore({ path: join(home, "store.db") });
  const folder = join(home, "flows", "f1");
  mkdirSync(folder, { recursive: true });
  const plan = {
    tasks: [
      {
        id: "who",
        worker: "python",
        command: "import os; p = os.getppid(); print(p, open(f'/proc/{p}/stat').read().split(') ')[1].split()[1])",
      },
    ],
  };
  const parsed = await parsePlan(JSON.stringify(plan), { file: "plan.json", cwd: home });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  await store.flows.submit(parsed.plan, { id: "f1", folder, submittedBy: "test" });
  const engine = engineFor(store);
  const running = engine.run();
  while ((await store.flows.get("f1"))?.finishedAt === null) await systemClock.sleep(20);
  await engine.stop("end");
  await running;
  const attempt = (await store.flows.task("f1", "who"))?.attemptFolder ?? "";
  await store.close();
  const [watcher, above] = readFileSync(join(attempt, "stdout.log"), "utf8").trim().split(" ");
  expect(readFileSync(join(attempt, "begun"), "utf8").trim()).toBe(watcher);
  expect(Number(above)).toBe(process.pid);
  // Nor is one started and waited for: no subshell, no pipe, no substitution of a command.
  expect(watchingScript.replaceAll("trap : HUP INT TERM", "")).not.toMatch(/[(|&`]{1}(?![|&])(?<!\|\||&&|>&)/);
});
