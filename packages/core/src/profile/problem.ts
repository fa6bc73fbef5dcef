/** One thing wrong with a profile: where (line and column count from 1; 0 when it is not in the file), what, and what to do. */
export interface ProfileProblem {
  /** The file, or `$NAME` when an environment variable brought the value. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** YAML path, for example `execution.limits.stall_seconds`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  readonly fix: string;
}

/** `control-plane.yaml:12:5 execution.retry: ... Fix: ...` */
export function formatProblem(problem: ProfileProblem): string {
  const place = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.column}` : problem.file;
  const subject = problem.path === "" ? "" : ` ${problem.path}:`;
  return `${place}${subject} ${problem.message} Fix: ${problem.fix}`;
}

/** `execution.retry.cooldowns[2]` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((soFar, part) => {
    if (typeof part === "number") return `${soFar}[${part}]`;
    return soFar === "" ? String(part) : `${soFar}.${String(part)}`;
  }, "");
}
