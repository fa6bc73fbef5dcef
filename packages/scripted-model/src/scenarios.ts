/** What can happen between an agent and its model. The first part of a URL's path, after `/s/`, names one. */
export const scenarios = [
  /** One tool call that edits a file, then a last text. */
  "success",
  /** Two tool calls in one turn, then a last text. */
  "two-tools",
  /** A text that declines, and nothing done. */
  "refusal",
  "401",
  /** Too many requests, without a word on when to come back. */
  "429",
  "429-reset",
  /** The vendor is overloaded. */
  "529",
  /** The connection is reset in the middle of an answer. */
  "reset",
  /** Never an answer, not even its head. */
  "silence",
  /** One answer that never ends. */
  "chatter",
  /** Frames that are no frames, then the end. */
  "malformed",
  /** The context is too long for the model. */
  "overflow",
  "wrong-model",
  /** One tool call that runs until it is killed. */
  "long-tool",
  /** A tool call in each turn, for ever, with usage and without a change. */
  "endless-work",
] as const;

export type Scenario = (typeof scenarios)[number];

export function isScenario(text: string): text is Scenario {
  return (scenarios as readonly string[]).includes(text);
}
