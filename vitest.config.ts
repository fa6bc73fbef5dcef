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
    setupFiles: ["test/support/keep-native-handles.ts"],
    maxWorkers: 2,
    // A CI machine may stand still for seconds in the middle of a test of processes and time limits. Such a test gets
    // one more try there, and the report names it; on a developer's machine every failure counts.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
