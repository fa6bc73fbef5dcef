import { expect, it } from "vitest";
import { repositoryOnForge } from "../support/repository-on-forge.ts";

it("probe", async () => {
  const at = await repositoryOnForge();
  await at.store.pauses.set({ scope: "web", actor: "ann", reason: "test" });
  let t = Date.now();
  await at.fileIssues(500);
  console.log("issues", Date.now() - t);
  t = Date.now();
  const pulls = await at.openPulls(3);
  console.log("pulls", Date.now() - t);
  t = Date.now();
  for (let i = 0; i < 40; i++) {
    const cost = await at.tick();
    console.log(
      i,
      cost.requests,
      cost.metered,
      cost.notModified,
      cost.statements.length,
      cost.writing.length,
      JSON.stringify(cost.byRoute),
      JSON.stringify(cost.report),
    );
  }
  console.log("ticks", Date.now() - t);
  expect(pulls.length).toBe(3);
});
