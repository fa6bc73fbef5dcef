/** Help text that starts with what people copy. */
export function examples(lines: readonly string[]): string {
  return `Examples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
}
