// What a real runtime, over real ticks against the local forge, gives the dashboard to show.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import type { HostDocument, ProfileDocument } from "../../packages/dashboard/src/index.ts";
import { builtCli, installProfile, makeProduct, type Product, until } from "../support/product.ts";

let product: Product | undefined;
let dashboard: ChildProcess | undefined;
afterEach(async () => {
  dashboard?.kill("SIGTERM");
  if (dashboard && dashboard.exitCode === null) await once(dashboard, "exit");
  await product?.close();
});

interface State {
  readonly documents: { readonly host: HostDocument; readonly "profile:web": ProfileDocument };
}

async function openDashboard({ env, folder }: Product): Promise<string> {
  dashboard = spawn(process.execPath, [builtCli, "dashboard", "--port", "0", "--json"], { env, cwd: folder });
  let said = "";
  for await (const chunk of dashboard.stdout ?? []) {
    said += chunk;
    if (said.includes("}")) break;
  }
  return (JSON.parse(said) as { url: string }).url;
}

it("shows titles, pull requests, schedules, room, allowance and samples, from the first pull request on", async () => {
  product = makeProduct();
  const of = product;
  await installProfile(of, { shellCommand: 'date > "note-$$.txt"; git add .; git commit -qm work' });
  const title = "Make <b>it</b> work";
  await of.json("issue", "create", "--title", title, "--label", "agent-ready");
  const body = "Agent schedule: every 6h";
  await of.json("issue", "create", "--title", "Look after it", "--body", body, "--label", "agent-ready");
  await of.json("runtime", "start");
  const url = await openDashboard(of);
  const shown = async () => ((await (await fetch(`${url}/api/v1/state`)).json()) as State).documents;

  const { host, "profile:web": web } = await until("its pull request is shown", async () => {
    const documents = await shown();
    const { pulls, schedule } = documents["profile:web"];
    const isShown = typeof pulls[0]?.risk === "string" && schedule.length > 0 && documents.host.allowances.length > 0;
    return isShown ? documents : null;
  });
  expect(web.pulls).toMatchObject([{ headSha: expect.stringMatching(/^[0-9a-f]{40}$/), risk: "high", checks: "none" }]);
  expect(web.schedule).toMatchObject([{ subject: "issue:2", line: body, everyMs: 6 * 3_600_000 }]);
  expect(web.schedule[0]?.dueAt).toBeGreaterThan(0);
  expect(web.titles).toMatchObject({ "issue:1": title, "issue:2": "Look after it" });
  expect(web.repository).toMatchObject({ slug: "ann/web" });
  expect(web.room.most).toBeGreaterThan(0);
  expect(web.publishedToday["open-pull-request"]).toBe(1);
  expect(host.allowances.map(({ resource }) => resource)).toEqual(["core", "graphql"]);
  expect(host.allowances[0]?.left).toBeLessThanOrEqual(host.allowances[0]?.limit ?? 0);
  const series = (await (await fetch(`${url}/api/v1/series?hours=1&profile=web`)).json()) as { at: readonly number[] };
  expect(series.at.length).toBeGreaterThan(0);
  expect(series.at.every((at) => at % 300_000 === 0)).toBe(true);
}, 90_000);
