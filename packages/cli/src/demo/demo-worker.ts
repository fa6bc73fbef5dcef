import type { DemoIssue } from "./demo-issues.ts";

/**
 * The scripted worker of the shell backend: a program like any other agent, that reads its prompt, edits files in its
 * worktree and writes its result file. It knows the answers beforehand; everything around it is the real thing.
 */
export function demoWorkerScript(issues: readonly DemoIssue[]): string {
  return `import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const issues = ${JSON.stringify(issues, null, 2)};
const prompt = readFileSync(process.env.ACP_PROMPT_FILE, "utf8");
const issue = issues.find(({ title }) => title === process.env.ACP_ISSUE_TITLE && prompt.includes(title));
if (!issue) {
  console.error("the scripted worker knows nothing of this issue");
  process.exit(3);
}
console.log("reading the issue");
await pause(300);
for (const [path, text] of Object.entries(issue.files)) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log("wrote " + path);
  await pause(200);
}
const result = { outcome: "implemented", summary: "Wrote " + Object.keys(issue.files).join(" and ") + ".", pr_title: issue.title };
writeFileSync(process.env.ACP_RESULT_FILE, JSON.stringify(result));
console.log("done");
`;
}
