import { defineConfig } from "vitest/config";

// Which suites run is named by scripts/test.mjs; a bare `vitest` runs the default one.
const kinds = (process.env.ACP_TEST_KINDS || "default").split(",");
const endings = { default: "test", slow: "slow.test", backends: "backends.test" };
type Kind = keyof typeof endings;
const isWanted = (kind: Kind) => kinds.includes(kind);

// Their files start no agents and change no more of their process than a temporary folder, so that one process runs many
// of them: loading the code anew for each of two hundred files took a minute. Everything else has a process for each file.
const sharing = ["packages/*/src", "packages/{core,local-forge,reconcile,scripted-model,testkit}/test"];
const alone = ["packages/*/test", "test"];

/** The files of these places that are of a wanted kind. `x.slow.test.ts` is of the default kind by its ending alone. */
function filesIn(places: readonly string[], but: readonly string[] = []) {
  const globs = (kind: Kind) => places.map((place) => `${place}/**/*.${endings[kind]}.ts`);
  return {
    include: [...(isWanted("default") ? globs("default") : []), ...globs("slow"), ...globs("backends")],
    exclude: [
      "**/node_modules/**",
      ...(isWanted("slow") ? [] : globs("slow")),
      ...(isWanted("backends") ? [] : globs("backends")),
      ...but.map((place) => `${place}/**`),
    ],
  };
}

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
      { extends: true, test: { name: "sharing", ...filesIn(sharing), isolate: false } },
      { extends: true, test: { name: "alone", ...filesIn(alone, sharing) } },
    ],
  },
});
