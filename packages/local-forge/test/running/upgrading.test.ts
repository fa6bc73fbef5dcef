import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { startLocalForge } from "../../src/index.ts";
import { schemaText } from "../../src/storage/schema.ts";
import { askerOf, cloneScene, gitIn, startScene } from "../support/forge.ts";

test("a data folder of the first schema opens with everything in it, timeline and commits included", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  const sha = await clone.push("work", { "a.txt": "a\n" });
  const main = await clone.git("rev-parse", "main");
  await scene.forge.close();
  const file = join(scene.folder, "forge/forge.sqlite");
  writeFirstSchema(file, sha, main);
  const git = gitIn(join(scene.folder, "forge/git/maya/demo.git"), join(scene.folder, "home"));
  await git("update-ref", "refs/pull/2/head", sha);

  const forge = await startLocalForge({ dataDir: join(scene.folder, "forge") });
  const ask = askerOf(forge, forge.createToken({ login: "maya" }));
  expect((await ask("GET", "issues/1")).body).toMatchObject({
    title: "Old",
    issue_dependencies_summary: { total_blocked_by: 0 },
  });
  expect((await ask("GET", "issues/1/timeline")).body).toMatchObject([{ event: "closed" }, { event: "commented" }]);
  expect((await ask("GET", "issues/2/timeline")).body).toMatchObject([
    { event: "committed", sha },
    { event: "reviewed", state: "approved" },
  ]);
  expect((await ask("GET", "pulls/2")).body.head).toMatchObject({ repo: { full_name: "maya/demo" }, sha });
  expect((await ask("GET", "actions/runs")).body.workflow_runs).toMatchObject([
    { name: "CI", head_sha: sha, run_number: 1, conclusion: "success" },
  ]);
  await ask("POST", "issues/1/comments", { body: { body: "after" } });
  expect((await ask("GET", "issues/1/timeline")).body).toHaveLength(3);
  await forge.close();
  const again = await startLocalForge({ dataDir: join(scene.folder, "forge") });
  expect((await askerOf(again, again.createToken({ login: "maya" }))("GET", "issues/2/timeline")).body).toHaveLength(2);
  await again.close();
});

/** The rows as a forge of the first schema left them. */
function writeFirstSchema(file: string, head: string, base: string): void {
  const db = new Sqlite(file);
  db.exec("pragma foreign_keys = off; pragma user_version = 0");
  const objects = db.prepare("select type, name from sqlite_master where sql is not null and name not like 'sqlite_%'");
  const found = objects.all() as { type: string; name: string }[];
  for (const { name } of found.filter((one) => one.type === "table")) db.exec(`drop table ${name}`);
  db.exec("delete from sqlite_sequence");
  db.exec(schemaText);
  db.exec(`
    insert into users values (1001, 'maya', 0, 1);
    insert into repositories values (20001, 1001, 'demo', 'main', 1, 3, 1, 1, 1);
    insert into branches values (20001, 'main', '${base}'), (20001, 'work', '${head}');
    insert into issues values
      (4000001, 20001, 1, 0, 'Old', null, 'closed', 'completed', 1001, 1000, 2000, 2000, 1001, 0),
      (4000002, 20001, 2, 1, 'Pull', null, 'open', null, 1001, 3000, 3000, null, null, 0);
    insert into pulls values (4000002, 'work', '${head}', 'main', '${base}', 0, null, null, null, 1, 0, 1, 1);
    insert into comments values (5000001, 4000001, 1001, 'hello', 2500, 2500);
    insert into events (issue_id, actor_id, event, created_at) values (4000001, 1001, 'closed', 2000);
    insert into reviews values (7000001, 4000002, 1001, 'APPROVED', '', '${head}', 4000);
    insert into check_runs (repository_id, sha, name, status, conclusion, started_at, completed_at) values
      (20001, '${head}', 'build', 'completed', 'success', 5000, 6000);
    pragma user_version = 1;`);
  db.close();
}
