// `npm run check`: everything that must be clean before a commit (types, lint with formatting and import rules, tests).
import { checkBuild, checkStyle, checkTests, checkTypes, sum } from "./checks.mjs";

const { passed, failed, skipped } = sum([
  await checkTypes(),
  await checkStyle(),
  await checkBuild(),
  await checkTests(process.argv.slice(2)),
]);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed > 0 ? 1 : 0;
