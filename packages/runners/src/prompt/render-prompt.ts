export function renderPrompt(): string {
  return "";
}
