import type { Json } from "../domain/json.ts";
import type { EnvOverride } from "./env-overrides.ts";
import type { ProfileFile } from "./schema.ts";
import type { YamlSource } from "./yaml-source.ts";

/** One value in force and where it came from; `line` when it stands in the file. */
export interface EffectiveValue {
  readonly path: string;
  readonly value: Json;
  readonly origin: "file" | "default" | `env:${string}`;
  readonly line?: number;
}

/** Every value of a profile, in the order of the schema. Lists and maps are values as a whole. */
export function effectiveValues(
  config: ProfileFile,
  source: YamlSource,
  overrides: readonly EnvOverride[],
): readonly EffectiveValue[] {
  return leaves(config as unknown as Json, []).map(({ path, value }) => {
    const name = path.join(".");
    const override = overrides.find((candidate) => candidate.path.join(".") === name);
    if (override !== undefined) return { path: name, value, origin: `env:${override.name}` as const };
    if (!source.has(path)) return { path: name, value, origin: "default" as const };
    return { path: name, value, origin: "file" as const, line: source.placeOf(path).line };
  });
}

/** Their keys are a person's own. */
const maps = new Set([
  "execution.env.set",
  "execution.lanes",
  "execution.models",
  "execution.prices",
  "queue.priority_labels",
]);

/** Of a backend's section the core knows nothing but this name. */
const isMap = (path: readonly string[]): boolean => maps.has(path.join(".")) || path.at(-1) === "tool_servers";

type Leaf = { readonly path: readonly string[]; readonly value: Json };

function leaves(value: Json, path: readonly string[]): readonly Leaf[] {
  const isSection = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isSection || isMap(path)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]));
}
