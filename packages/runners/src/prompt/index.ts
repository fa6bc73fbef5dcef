export { renderPrompt } from "./render-prompt.ts";
