// `npm test [-- filter… --slow --backends --browser --only-slow --only-backends --only-browser]`: build if needed, types, lint, tests;
// the last line is always `N passed, N failed, N skipped` and the exit code agrees with it. With a filter only the tests that match
// are run.
import { checkBuild, checkStyle, checkTests, checkTypes, sum } from "./checks.mjs";

const args = process.argv.slice(2);
const kindOf = Object.fromEntries(
  ["slow", "backends", "browser"].flatMap((kind) => [
    [`--${kind}`, kind],
    [`--only-${kind}`, kind],
  ]),
);
const kinds = args.filter((arg) => arg in kindOf).map((arg) => kindOf[arg]);
const only = args.some((arg) => arg.startsWith("--only-") && arg in kindOf);
const filters = args.filter((arg) => !(arg in kindOf));

const tallies = [await checkBuild()];
if (filters.length === 0 && !only) tallies.push(...(await Promise.all([checkTypes(), checkStyle()])));
else process.stdout.write("a selection of tests: types and lint are left out (npm run check has them)\n");
tallies.push(await checkTests(filters, { kinds, only }));

const { passed, failed, skipped } = sum(tallies);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed > 0 ? 1 : 0;
