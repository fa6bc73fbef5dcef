import { afterEach, it } from "vitest";
import type { LanesProject } from "./support/lanes-project.ts";
import {
  acts,
  addIssues,
  expectBroughtBack,
  expectStopped,
  type Moment,
  makeStoppingProject,
  untilMoment,
} from "./support/stopping-issues.ts";

let project: LanesProject | undefined;
afterEach(async () => project?.product.close());

it.each<Moment>(["while it works", "while the checks run", "while its writes wait"])(
  "whatever a person does to an issue %s: the run stops, nothing of it is published, and taking it back brings it back",
  async (moment) => {
    const running = await makeStoppingProject();
    project = running;
    const cells = await addIssues(
      running,
      Object.keys(acts).map((act) => ({ moment, act })),
    );
    await running.start();
    await Promise.all(
      cells.map(async (cell) => {
        await untilMoment(running, cell);
        await acts[cell.act]?.act(running, cell.issue);
      }),
    );
    for (const cell of cells) await expectStopped(running, cell);
    await Promise.all(cells.map((cell) => expectBroughtBack(running, cell)));
  },
  240_000,
);
