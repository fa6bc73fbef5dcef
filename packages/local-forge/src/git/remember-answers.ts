import type { Git, GitResult } from "./run-git.ts";

/**
 * A git that remembers what it answered of commits by their whole names: those never change, so the same question has
 * the same answer for ever. Only reading commands, and only answers that are none about a missing object. The newest
 * 2,000 are kept.
 */
export function rememberAnswers(git: Git): Git {
  const answers = new Map<string, GitResult>();
  const attempt: Git["attempt"] = async (cwd, args, options) => {
    if (options !== undefined || !isOfCommits(args)) return git.attempt(cwd, args, options);
    const key = [cwd, ...args].join("\0");
    const known = answers.get(key);
    if (known) return known;
    const answer = await git.attempt(cwd, args);
    if (answer.code > 1 || answer.stdout.length > 100_000) return answer;
    answers.set(key, answer);
    const [oldest] = answers.keys();
    if (answers.size > 2_000 && oldest !== undefined) answers.delete(oldest);
    return answer;
  };
  return {
    ...git,
    attempt,
    async output(cwd, args, options) {
      if (options !== undefined || !isOfCommits(args)) return git.output(cwd, args, options);
      const { code, stdout } = await attempt(cwd, args);
      return code === 0 ? stdout : git.output(cwd, args);
    },
  };
}

const readers = new Set(["merge-base", "diff", "log", "rev-list"]);
const named = /^[0-9a-f]{40}(?:\.{2,3}[0-9a-f]{40})?$/;

/** Every word of it is an option or names commits wholly. */
const isOfCommits = ([command = "", ...rest]: readonly string[]): boolean =>
  readers.has(command) &&
  rest.some((word) => named.test(word)) &&
  rest.every((word) => word.startsWith("-") || named.test(word));
