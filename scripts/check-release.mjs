// `node scripts/check-release.mjs v1.2.3`: do the tag, the version of the package and the changelog agree?
// The last line on stdout is the tag of npm that it is to be published under.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { version } = JSON.parse(readFileSync(join(root, "packages/cli/package.json"), "utf8"));
  const problems = releaseProblems(process.argv[2] ?? "", version, readFileSync(join(root, "CHANGELOG.md"), "utf8"));
  for (const problem of problems) process.stderr.write(`release: ${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
  else process.stdout.write(`${distTag(version)}\n`);
}

/** Answers one line for each thing that keeps this tag from being released. */
export function releaseProblems(tag, version, changelog) {
  if (!/^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(tag))
    return [`"${tag}" is not a release's tag; one looks like v1.2.3`];
  const problems = [];
  if (tag !== `v${version}`) problems.push(`the tag is ${tag}, and packages/cli/package.json says ${version}`);
  const heading = changelog.split("\n").find((line) => line.startsWith(`## [${tag.slice(1)}]`));
  if (!heading) problems.push(`CHANGELOG.md has no heading "## [${tag.slice(1)}] - <date>"`);
  else if (!/ - \d{4}-\d{2}-\d{2}$/.test(heading))
    problems.push(`the heading "${heading}" of CHANGELOG.md has no date`);
  else if (sectionAt(changelog, heading) === "") problems.push(`CHANGELOG.md says nothing under "${heading}"`);
  if (heading && sectionAt(changelog, "## [Unreleased]") !== "") {
    problems.push('CHANGELOG.md still has lines under "Unreleased": they belong to this release, or to none yet');
  }
  return problems;
}

/** Nobody gets a version with a hyphen unasked. */
export function distTag(version) {
  return version.includes("-") ? "next" : "latest";
}

function sectionAt(changelog, heading) {
  const lines = changelog.split("\n");
  const from = lines.indexOf(heading) + 1;
  const to = lines.findIndex((line, index) => index >= from && line.startsWith("## "));
  return lines
    .slice(from, to === -1 ? undefined : to)
    .join("\n")
    .trim();
}
