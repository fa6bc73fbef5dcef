export { readableLine, readableText } from "@agent-control-plane/core";
export { earlierAttemptsText } from "./earlier-attempts-text.ts";
export { type IssuePromptRequest, issueValues, renderIssuePrompt } from "./issue-prompt.ts";
export {
  type PullRequestPromptRequest,
  pullRequestValues,
  renderPullRequestPrompt,
} from "./pull-request-prompt.ts";
export { type PromptValue, placeholdersOf, type RenderRequest, renderPrompt } from "./render-prompt.ts";
export { type ResumePromptRequest, renderResumePrompt, resumeValues } from "./resume-prompt.ts";
