import { CORE_SCHEMA, load } from "js-yaml";
import type { PlanProblem } from "../plan/problem.ts";
import type { Places, ReadText } from "./marks.ts";

/**
 * YAML by the quick one of two libraries. The other one knows lines and columns and takes ten times as long, its loading
 * included: it is asked where something stands, and about every text that the quick one finds fault with, or that holds
 * what the two do not understand alike.
 */
export async function readYamlText(
  file: string,
  text: string,
): Promise<{ readonly read: ReadText } | { readonly problems: readonly PlanProblem[] }> {
  const value = isDoubtful.test(text) ? undefined : quickly(text);
  const byPlaces = async () => (await import("./read-any-yaml.ts")).readAnyYaml(file, text);
  return value === undefined ? byPlaces() : { read: { value, places: async () => placesIn(await byPlaces()) } };
}

// What says of itself which YAML it is, and halves of characters.
const isDoubtful = /^\ufeff?%|\n%|\p{Surrogate}/u;

/** Undefined: it is not YAML, or has aliases, of which few may stand for very much. */
function quickly(text: string): unknown {
  try {
    return load(text, { schema: CORE_SCHEMA, maxAliases: 0 });
  } catch {
    return undefined;
  }
}

/** The few texts that only the quick one takes are plans whose mistakes have no place of their own. */
async function placesIn(answer: Awaited<ReturnType<typeof readYamlText>>): Promise<Places> {
  if ("read" in answer) return answer.read.places();
  return { placeOf: () => ({ line: 1, column: 1 }), placeOfKey: () => ({ line: 1, column: 1 }) };
}
