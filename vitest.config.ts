import { defineConfig } from "vitest/config";

// Which suites run is named by scripts/test.mjs; a bare `vitest` runs the default one.
const kinds = (process.env.ACP_TEST_KINDS || "default").split(",");
const endings = { default: "test", slow: "slow.test", backends: "backends.test" };
const places = ["packages/*/src", "packages/*/test", "test"];
const globs = (kind: keyof typeof endings) => places.map((place) => `${place}/**/*.${endings[kind]}.ts`);
const isWanted = (kind: keyof typeof endings) => kinds.includes(kind);

export default defineConfig({
  test: {
    include: [...(isWanted("default") ? globs("default") : []), ...globs("slow"), ...globs("backends")],
    exclude: [
      "**/node_modules/**",
      ...(isWanted("slow") ? [] : globs("slow")),
      ...(isWanted("backends") ? [] : globs("backends")),
    ],
    // A process for each file: tests start processes, hold locks and use a native module.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
