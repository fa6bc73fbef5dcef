// Slow: starts a process for each act. Killed before any of the acts of a rotation, a daemon has lost no line, and whoever
// writes next writes, rotates, and finds everything there was.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bundleFixture, temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { logParts } from "../../src/log/rotated-file.ts";

const mortal = new URL("../support/mortal-files.mjs", import.meta.url).href;

it("killed before any act of its rotations, a writer loses no line and holds up nobody", async () => {
  let killed = 0;
  for (let act = 1; ; act += 1) {
    const path = join(temporaryFolder(), "logs", "runtime.log");
    const first = await written(path, "first", 8, act);
    const next = await written(path, "next", 8, 0);
    expect(next).toMatchObject({ signal: null, said: Array.from({ length: 8 }, (_, n) => `next ${n}`) });
    const found = logParts(path)
      .filter((part) => existsSync(part))
      .flatMap((part) => readFileSync(part, "utf8").split("\n"))
      .filter((line) => line !== "")
      .map((line) => line.replace(/ x{30}$/, ""));
    // Each once, in their order; of a killed one perhaps one more, which it could not say.
    const said = [...first.said, ...next.said];
    const unsaid = `first ${first.said.length}`;
    expect([act, found.filter((line) => line !== unsaid)]).toEqual([act, said]);
    expect(existsSync(`${path}.lock`)).toBe(false);
    if (first.signal === null) break;
    killed += 1;
  }
  // Folder, file, and of each rotation at least: lock, a new name, an old name gone, lock gone, file.
  expect(killed).toBeGreaterThan(15);
}, 180_000);

async function written(path: string, name: string, count: number, deadly: number) {
  const program = await bundleFixture(new URL("./fixtures/saying-process.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", mortal, program, path, name, `${count}`], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ACP_TEST_DEADLY_ACT: `${deadly}` },
  });
  let text = "";
  child.stdout.on("data", (part) => (text += part));
  const signal = await new Promise<string | null>((ended) => child.once("close", (_, by) => ended(by)));
  return { signal, said: text.split("\n").filter((line) => line !== "") };
}
