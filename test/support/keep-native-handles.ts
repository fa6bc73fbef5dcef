// Loaded before every test file. Tests open databases of their own and drop them; on Node 24 that would end the test
// process when the collector comes by (see packages/core/src/store/sqlite/native-handles.ts). So they are kept, too.
import { createRequire } from "node:module";

type Native = { prepare(...args: unknown[]): object };

const require = createRequire(new URL("../../packages/core/package.json", import.meta.url));
const Database = require("better-sqlite3") as { new (path: string): object; prototype: Record<string, unknown> };

// Once a process: files that share one load this again, and would wrap what is wrapped.
const world = globalThis as { keptNativeHandles?: object[] };
if (!world.keptNativeHandles) {
  world.keptNativeHandles = [];
  keepAll(world.keptNativeHandles);
}

function keepAll(kept: object[]): void {
  const probe = new Database(":memory:") as Record<symbol, Native>;
  const handle = Object.getOwnPropertySymbols(probe)
    .map((symbol) => probe[symbol])
    .find((value) => typeof value?.prepare === "function");
  if (!handle)
    throw new Error("better-sqlite3 keeps its native database somewhere else now; see keep-native-handles.ts");
  kept.push(probe);

  const native = Object.getPrototypeOf(handle) as Native;
  const prepare = native.prepare;
  native.prepare = function (this: Native, ...args) {
    const statement = prepare.apply(this, args);
    kept.push(statement);
    return statement;
  };
  for (const name of ["prepare", "exec", "pragma", "close"]) {
    const original = Database.prototype[name] as (...args: unknown[]) => unknown;
    Database.prototype[name] = function (this: object, ...args: unknown[]) {
      kept.push(this);
      return original.apply(this, args);
    };
  }
}
