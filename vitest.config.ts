import { defineConfig } from "vitest/config";

// Which suites run is named by scripts/test.mjs; a bare `vitest` runs the default one.
const kinds = (process.env.ACP_TEST_KINDS || "default").split(",");
const names = {
  default: "!(*.slow|*.backends|*.browser).test",
  ...{ slow: "*.slow.test", backends: "*.backends.test", browser: "*.browser.test" },
};
const everywhere = ["packages/*/src", "packages/*/test", "test"];

// The default files of these places start no agents and change no more of their process than a temporary folder, so that
// one process runs many of them: loading the code anew for each of two hundred files took a minute. Those of the command
// line run commands in that process, or processes of their own. Everything else has a process for each file.
const sharing = "cli|core|local-forge|reconcile|scripted-model|testkit";
const together = ["packages/*/src", `packages/(${sharing})/test`];
const alone = [`packages/!(${sharing})/test`, "test"];

const filesOf = (kind: keyof typeof names, places: readonly string[]) =>
  kinds.includes(kind) ? places.map((place) => `${place}/**/${names[kind]}.ts`) : [];

export default defineConfig({
  test: {
    pool: "forks",
    setupFiles: ["test/support/keep-native-handles.ts"],
    maxWorkers: 2,
    // A CI machine may stand still for seconds in the middle of a test of processes and time limits. Such a test gets
    // one more try there, and the report names it; on a developer's machine every failure counts.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: "together", include: filesOf("default", together), isolate: false } },
      {
        extends: true,
        test: {
          name: "alone",
          include: [
            ...filesOf("default", alone),
            ...(["slow", "backends", "browser"] as const).flatMap((kind) => filesOf(kind, everywhere)),
          ],
        },
      },
    ],
  },
});
