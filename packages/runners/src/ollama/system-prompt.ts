import { toolDefinitions } from "./tools.ts";

/** Pure. What every conversation begins with; the task itself is the first message after it. */
export function systemPrompt(about: {
  readonly worktree: string;
  readonly commandTimeoutSeconds: number;
  /** The model takes tools by the API; otherwise it writes them as JSON. */
  readonly hasNativeTools: boolean;
  readonly extra: string | null;
}): string {
  const parts = [
    "You are a coding agent that works alone: nobody reads along and nobody answers questions. Do the whole task with the tools.",
    [
      `The work happens in the git worktree ${about.worktree}, which is the current folder of every command.`,
      "Give paths relative to it, for example src/index.ts, and .acp/result.json for the result file $ACP_RESULT_FILE.",
      "Look before you change: read a file before you patch it. Run the project's checks after your changes.",
      `A command has no input and at most ${about.commandTimeoutSeconds} seconds. Do not push and do not open pull requests.`,
      "Do not repeat a call whose result you have. When everything is done, answer in a few lines, without a tool call.",
    ].join("\n"),
  ];
  if (!about.hasNativeTools) parts.push(toolsAsText());
  if (about.extra !== null && about.extra.trim() !== "") parts.push(about.extra.trim());
  return parts.join("\n\n");
}

function toolsAsText(): string {
  const lines = toolDefinitions.map(({ function: { name, description, parameters } }) => {
    const given = Object.entries(parameters.properties).map(([key, { type, description: meaning }]) => {
      const isNeeded = parameters.required.includes(key);
      return `    ${key} (${type}${isNeeded ? "" : ", optional"}): ${meaning}`;
    });
    return `- ${name}: ${description}\n${given.join("\n")}`;
  });
  return [
    "You call a tool by answering with one JSON object in a fenced block, and nothing after it:",
    '```json\n{"name": "read_file", "arguments": {"path": "README.md"}}\n```',
    "Its result comes as the next message. The tools:",
    ...lines,
  ].join("\n");
}
