import { readYaml } from "../../profile/yaml-source.ts";
import type { PlanProblem } from "../plan/problem.ts";
import type { ReadText } from "./marks.ts";

/** Any YAML, by the library; `readText` loads this file only when it needs it. */
export function readAnyYaml(
  file: string,
  text: string,
): { readonly read: ReadText } | { readonly problems: readonly PlanProblem[] } {
  try {
    const { source, problems } = readYaml(file, text, { keepEmpty: true });
    // The library follows the nesting of a text on the stack, and says at each depth that there was no more of it.
    if (problems.some(({ message }) => message.includes("call stack"))) return tooDeep(file);
    if (source === null || problems.length > 0) return { problems: problems.slice(0, 100) };
    return { read: { value: source.value, places: () => source } };
  } catch (error) {
    if (error instanceof RangeError) return tooDeep(file);
    return unreadable(file, String(error), "write it in plainer YAML.");
  }
}

const tooDeep = (file: string) => unreadable(file, "it is nested too deep", "write it flatter.");

const unreadable = (file: string, reason: string, fix: string): { readonly problems: readonly PlanProblem[] } => ({
  problems: [{ file, line: 1, column: 1, path: "", message: `Not readable as YAML: ${reason}.`, fix }],
});
