export { formatMessage } from "./format-message.ts";
export { type MessageBodies, messageFields, type NewMessage } from "./message-bodies.ts";
export {
  type CommandProblem,
  type FlowCommand,
  fieldsOf as commandFields,
  type ParsedCommand,
  parseCommandLine,
  parseMailboxLine,
} from "./parse-command-line.ts";
export {
  type LineCarry,
  type LineFault,
  type MailboxLine,
  maxLineBytes,
  splitLines,
  startOfFile,
} from "./split-lines.ts";
