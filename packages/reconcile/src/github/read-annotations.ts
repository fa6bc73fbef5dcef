import { type Annotation, ForgeError } from "@agent-control-plane/core";
import type { Gate } from "./gate.ts";
import type { RepositoryName } from "./repository-name.ts";

/** One page: of more marks than that nobody is told anyway. Each is read as far as it is what it should be. */
export async function readAnnotations(
  gate: Gate,
  at: RepositoryName,
  check_run_id: number,
): Promise<readonly Annotation[]> {
  const route = "GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations";
  try {
    const { data } = await gate.request(route, { ...at, check_run_id, per_page: 100 });
    return Array.isArray(data) ? data.map(normalised) : [];
  } catch (error) {
    if (error instanceof ForgeError && error.failure === "gone") return [];
    throw error;
  }
}

function normalised(raw: unknown): Annotation {
  const { annotation_level, path, start_line, title, message } = (raw ?? {}) as { readonly [name: string]: unknown };
  return {
    level: text(annotation_level),
    path: text(path),
    line: typeof start_line === "number" ? start_line : null,
    title: text(title),
    message: text(message),
  };
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
