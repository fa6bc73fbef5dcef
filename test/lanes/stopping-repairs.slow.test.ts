import { afterEach, it } from "vitest";
import type { LanesProject } from "./support/lanes-project.ts";
import {
  acts,
  addPulls,
  expectBroughtBack,
  expectStopped,
  type Moment,
  makeRepairProject,
  untilMoment,
} from "./support/stopping-repairs.ts";

let project: LanesProject | undefined;
afterEach(async () => project?.product.close());

it.each<Moment>(["while it works", "while the checks run", "while its writes wait"])(
  "whatever a person does to a pull request while its repair is under way, %s: nothing is pushed, and taking it back brings it back",
  async (moment) => {
    const running = await makeRepairProject();
    project = running;
    const cells = await addPulls(
      running,
      Object.keys(acts).map((act) => ({ moment, act })),
    );
    await running.start();
    await Promise.all(
      cells.map(async (cell) => {
        await untilMoment(running, cell);
        await acts[cell.act]?.act(running, cell.pull);
      }),
    );
    for (const cell of cells) await expectStopped(running, cell);
    await Promise.all(cells.map((cell) => expectBroughtBack(running, cell)));
  },
  240_000,
);
