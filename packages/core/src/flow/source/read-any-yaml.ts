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
    if (source === null || problems.length > 0) return { problems };
    return { read: { value: source.value, places: () => source } };
  } catch (error) {
    // The library follows the nesting of a text on the stack.
    const reason = error instanceof RangeError ? "it is nested too deep" : String(error);
    return {
      problems: [
        { file, line: 1, column: 1, path: "", message: `Not readable as YAML: ${reason}.`, fix: "write it flatter." },
      ],
    };
  }
}
