export { type IssuePromptRequest, issueValues, renderIssuePrompt } from "./issue-prompt.ts";
export { readableLine, readableText } from "./readable-text.ts";
export { type PromptValue, placeholdersOf, type RenderRequest, renderPrompt } from "./render-prompt.ts";
