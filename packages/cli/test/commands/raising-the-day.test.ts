import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { openStore, profileFile, storePath } from "@agent-control-plane/core";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { runHere } from "../support/in-process.ts";

const profile = `id: web
repo: { slug: octo/web }
execution: { coding_worker: shell, shell: { command: "true" } }
budgets: { day_usd: 3 }
`;

it("the day of a profile is raised by a person, is shown with it, and is in the log", async () => {
  const home = temporaryFolder("acp-day-");
  const env = { PATH: process.env.PATH, HOME: home, AGENT_RUNTIME_HOME: home, ACP_ACTOR: "ann" };
  const run = (...args: string[]) => runHere(["budget", ...args], { env });
  mkdirSync(dirname(profileFile(home, "web")), { recursive: true });
  writeFileSync(profileFile(home, "web"), profile);
  expect((await run("show")).stdout).toContain("$0.00 of $3.00");
  expect(await run("raise", "--day", "--usd", "5", "--reason", "a long night")).toMatchObject({ code: 0 });
  const shown = (await run("show")).stdout;
  expect(shown).toContain("$0.00 of $5.00");
  expect(shown).toMatch(/raised .* by \$5, ann: a long night/);
  expect(JSON.parse((await run("show", "--json")).stdout)).toMatchObject({ raises: [{ subject: "day", usd: 5 }] });
  for (const wrong of [["raise"], ["raise", "12", "--day"]]) expect(await run(...wrong)).toMatchObject({ code: 64 });
  const store = await openStore({ path: storePath(home) });
  const events = await store.events.list({});
  await store.close();
  expect(events).toMatchObject([{ kind: "budget.raised", actor: "ann", profileId: "web", subject: "day" }]);
});
