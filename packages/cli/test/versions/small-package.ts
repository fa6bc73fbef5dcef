import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What stands in for the published package: a program that says what ours says, with one package that it needs. */
export interface SmallPackage {
  readonly version: string;
  readonly storeSchema?: number;
  readonly native?: string;
  /** Tells two packages of one version apart. */
  readonly text?: string;
}

/** As npm lays it out (`flat`), or as pnpm does: each package in a folder of its own, with links between them. */
export function smallPackage(folder: string, made: SmallPackage, layout: "npm" | "pnpm" = "npm"): string {
  const own = layout === "npm" ? "node_modules" : "node_modules/.pnpm/agent-control-plane@1/node_modules";
  const store = layout === "npm" ? "node_modules" : "node_modules/.pnpm/better-sqlite3@1/node_modules";
  const { version, storeSchema = 4, native = "loads", text = "" } = made;
  const answer = JSON.stringify({ version, storeSchema, native, text });
  const main = { name: "agent-control-plane", version, type: "module", dependencies: { "better-sqlite3": "1.0.0" } };
  put(folder, `${own}/agent-control-plane/package.json`, JSON.stringify(main));
  put(
    folder,
    `${own}/agent-control-plane/dist/cli.js`,
    `import name from "better-sqlite3";\nif (name !== "sqlite") throw new Error(name);\nconsole.log(${JSON.stringify(answer)});\n`,
  );
  chmodSync(join(folder, `${own}/agent-control-plane/dist/cli.js`), 0o755);
  put(folder, `${own}/agent-control-plane/types/core.d.ts`, "");
  const native2 = { name: "better-sqlite3", main: "lib/index.js", dependencies: { "prebuild-install": "1.0.0" } };
  put(folder, `${store}/better-sqlite3/package.json`, JSON.stringify(native2));
  put(folder, `${store}/better-sqlite3/lib/index.js`, 'module.exports = "sqlite";\n');
  put(folder, `${store}/better-sqlite3/deps/sqlite3.c`, "large\n");
  put(folder, `${store}/better-sqlite3/build/Release/better_sqlite3.node`, "native\n");
  put(folder, `${store}/better-sqlite3/build/Release/obj.target/x.o`, "object\n");
  const at = join(folder, own, "agent-control-plane");
  if (layout === "pnpm") {
    execFileSync("ln", [
      "-s",
      "../../better-sqlite3@1/node_modules/better-sqlite3",
      join(folder, own, "better-sqlite3"),
    ]);
    execFileSync("ln", [
      "-s",
      ".pnpm/agent-control-plane@1/node_modules/agent-control-plane",
      join(folder, "node_modules/agent-control-plane"),
    ]);
    return join(folder, "node_modules/agent-control-plane");
  }
  return at;
}

function put(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
