import { afterEach, it } from "vitest";
import type { LanesProject } from "./support/lanes-project.ts";
import {
  acts,
  addIssues,
  type Cell,
  expectBroughtBack,
  expectStopped,
  makeStoppingProject,
  untilMoment,
} from "./support/stopping-issues.ts";

let project: LanesProject | undefined;
afterEach(async () => project?.product.close());

/** Every act and every moment once; all of them with all are in stopping-at-any-moment.slow.test.ts. */
const cells: readonly Cell[] = [
  { moment: "while its writes wait", act: "takes the ready label off" },
  { moment: "while it works", act: "sets the hold label" },
  { moment: "while the checks run", act: "sets the blocked label" },
  { moment: "while it works", act: "edits it, whom nobody trusts" },
  { moment: "while the checks run", act: "edits it, who may" },
  { moment: "while it works", act: "answers in a comment" },
  { moment: "while the checks run", act: "closes it" },
  { moment: "while it works", act: "merges a pull request that fixes it" },
];

it("a person's act stops a run or voids it, publishes nothing, is answered once, and can be taken back", async () => {
  const running = await makeStoppingProject();
  project = running;
  const placed = await addIssues(running, cells);
  await running.start();
  await Promise.all(
    placed.map(async (cell) => {
      await untilMoment(running, cell);
      await acts[cell.act]?.act(running, cell.issue);
    }),
  );
  for (const cell of placed) await expectStopped(running, cell);
  await Promise.all(placed.map((cell) => expectBroughtBack(running, cell)));
}, 120_000);
