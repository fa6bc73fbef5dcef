// The built product under other version numbers, also with one more migration than it has.
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** As npm would install it in `folder`; answers the path of its program. `from`: another build than this checkout's. */
export function buildOf(
  folder: string,
  version: string,
  { migration = false, from = join(root, "dist/package") } = {},
): string {
  const place = join(folder, "node_modules", "agent-control-plane");
  cpSync(from, place, { recursive: true });
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(join(root, "packages/core/node_modules/better-sqlite3"), join(folder, "node_modules/better-sqlite3"));
  const manifest = join(place, "package.json");
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, "utf8")), version }));
  if (migration) addMigration(join(place, "dist"));
  return join(place, "dist", "cli.js");
}

/** Everything that opens a store brings the list of migrations along. */
function addMigration(dist: string): void {
  const changed = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => {
    if (!name.endsWith(".js")) return false;
    const code = readFileSync(join(dist, name), "utf8");
    const more = code.replace(
      /(\bmigrations ?= ?\[(?:\s*\{ ?number: ?\d+, ?name: ?"[\w-]+", ?sql(?:: ?\w+)? ?\},?)+)(\s*\][;,])/,
      (_, list: string, end: string) => {
        const number = list.split("number:").length;
        return `${list},{number:${number},name:"one-more",sql:"create table one_more (x integer) strict;"}${end}`;
      },
    );
    if (more === code) return false;
    writeFileSync(join(dist, name), more);
    return true;
  });
  if (changed.length < 3) throw new Error(`the list of migrations is not where it was: found in ${changed}`);
}
