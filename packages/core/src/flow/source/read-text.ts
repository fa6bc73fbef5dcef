import type { PlanProblem } from "../plan/problem.ts";
import type { ReadText } from "./marks.ts";
import { readJson } from "./read-json.ts";

export type TextFormat = "yaml" | "json";

/** By the file's ending, else by its first character. */
export function formatOf(file: string, text: string): TextFormat {
  if (/\.json$/i.test(file)) return "json";
  if (/\.ya?ml$/i.test(file)) return "yaml";
  return /^\ufeff?\s*[{[]/.test(text) ? "json" : "yaml";
}

/** The values of a text, or what is wrong with it. Libraries for YAML are loaded for YAML only. */
export async function readText(
  file: string,
  text: string,
  format: TextFormat,
): Promise<{ readonly read: ReadText } | { readonly problems: readonly PlanProblem[] }> {
  if (format === "json") {
    const answer = readJson(text);
    return "read" in answer ? answer : { problems: [{ file, path: "", ...answer.fault }] };
  }
  const { readYamlText } = await import("./read-yaml.ts");
  return readYamlText(file, text);
}
