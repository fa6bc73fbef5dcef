/** As text, since a regular expression may not name control characters. */
const sequence = [
  "(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]", // colours, cursor movements
  "\\u001b[\\]PX^_][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\|$)", // titles and links, ended or cut off
  "\\u001b[@-Z\\\\-_]",
].join("|");
const sequences = new RegExp(sequence, "g");

/**
 * Pure. What a terminal would show as text, without what programs write for it (ECMA-48). What is left of control
 * characters is for `visibleText`.
 */
export const withoutStyles = (text: string): string => text.replace(sequences, "");
