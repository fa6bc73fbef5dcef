export { type IssuePromptRequest, issueValues, renderIssuePrompt } from "./issue-prompt.ts";
export {
  type PullRequestPromptRequest,
  pullRequestValues,
  renderPullRequestPrompt,
} from "./pull-request-prompt.ts";
export { readableLine, readableText } from "./readable-text.ts";
export { type PromptValue, placeholdersOf, type RenderRequest, renderPrompt } from "./render-prompt.ts";
