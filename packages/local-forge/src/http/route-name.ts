/** Pure: the name of the operation a path belongs to, in the words of GitHub's description, `/repos/{owner}/{repo}/issues`. */
export function routeName(path: string): string {
  const found = patterns.find(([pattern]) => pattern.test(path));
  return found ? found[1] : path;
}

const templates = [
  "/repos/{owner}/{repo}/collaborators/{username}/permission",
  "/repos/{owner}/{repo}/issues/comments/{comment_id}",
  "/repos/{owner}/{repo}/issues/comments",
  "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name*}",
  "/repos/{owner}/{repo}/issues/{issue_number}/labels",
  "/repos/{owner}/{repo}/issues/{issue_number}/comments",
  "/repos/{owner}/{repo}/issues/{issue_number}/events",
  "/repos/{owner}/{repo}/issues/{issue_number}/timeline",
  "/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by/{issue_id}",
  "/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by",
  "/repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocking",
  "/repos/{owner}/{repo}/issues/{issue_number}/sub_issues",
  "/repos/{owner}/{repo}/issues/{issue_number}/sub_issue",
  "/repos/{owner}/{repo}/issues/{issue_number}",
  "/repos/{owner}/{repo}/issues",
  "/repos/{owner}/{repo}/labels/{name*}",
  "/repos/{owner}/{repo}/labels",
  "/repos/{owner}/{repo}/pulls/{pull_number}/files",
  "/repos/{owner}/{repo}/pulls/{pull_number}/commits",
  "/repos/{owner}/{repo}/pulls/{pull_number}/merge",
  "/repos/{owner}/{repo}/pulls/{pull_number}/reviews",
  "/repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies",
  "/repos/{owner}/{repo}/pulls/{pull_number}/comments",
  "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers",
  "/repos/{owner}/{repo}/pulls/{pull_number}",
  "/repos/{owner}/{repo}/pulls",
  "/repos/{owner}/{repo}/commits/{ref*}/statuses",
  "/repos/{owner}/{repo}/commits/{ref*}/status",
  "/repos/{owner}/{repo}/commits/{ref*}/check-runs",
  "/repos/{owner}/{repo}/commits/{ref*}/check-suites",
  "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations",
  "/repos/{owner}/{repo}/check-runs/{check_run_id}",
  "/repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs",
  "/repos/{owner}/{repo}/actions/runs/{run_id}/rerun",
  "/repos/{owner}/{repo}/actions/runs/{run_id}",
  "/repos/{owner}/{repo}/actions/runs",
  "/repos/{owner}/{repo}/actions/jobs/{job_id}/logs",
  "/repos/{owner}/{repo}/commits/{ref*}",
  "/repos/{owner}/{repo}/statuses/{sha}",
  "/repos/{owner}/{repo}/check-runs",
  "/repos/{owner}/{repo}/forks",
  "/repos/{owner}/{repo}/branches/{branch*}",
  "/repos/{owner}/{repo}/branches",
  "/repos/{owner}/{repo}/git/ref/{ref*}",
  "/repos/{owner}/{repo}/git/refs/{ref*}",
  "/repos/{owner}/{repo}/compare/{basehead*}",
  "/repos/{owner}/{repo}",
  "/graphql",
  "/user",
  "/rate_limit",
  "/search/issues",
];

/** `{name*}` may hold slashes. */
const patterns = templates.map((template) => {
  const source = template.replace(/\{\w+\*\}/g, ".+").replace(/\{\w+\}/g, "[^/]+");
  return [new RegExp(`^${source}$`), template.replaceAll("*", "")] as const;
});
