/** What a plan may ask for at most; sizes in bytes of UTF-8. */
export const bounds = {
  planText: 64 * 1024 * 1024,
  tasks: 20_000,
  /** Of a command or a prompt. */
  text: 1024 * 1024,
  goal: 64 * 1024,
  name: 200,
  inputs: 256 * 1024,
  schema: 256 * 1024,
  variable: 100_000,
  path: 4000,
  problems: 1000,
} as const;

export const taskIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const taskIdText = "a name of letters, digits, . _ and -, 64 at most, beginning with a letter or digit";
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const variablePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** What we tell every worker ourselves. */
export const reservedVariable = /^ACP_/i;
/** A folder of the attempt's own instead of a place that exists. */
export const ownFolder = "@attempt";

export const judgeIdOf = (taskId: string): string => `${taskId}.judge`;
