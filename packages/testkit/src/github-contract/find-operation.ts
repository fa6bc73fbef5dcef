export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly query: readonly { readonly name: string; readonly required: boolean; readonly schema: object }[];
  readonly body: object | null;
  /** By status; null when it is described without a body. */
  readonly responses: Readonly<Record<string, object | null>>;
}

/** The operation a request belongs to; fixed words in a path win over parameters, as in `/issues/comments`. */
export function findOperation(operations: readonly Operation[], method: string, path: string): Operation | undefined {
  const bare = path.replace(/^\/api\/v3(?=\/)/, "").replace(/\?.*$/, "");
  const fitting = operations.filter(
    (operation) => operation.method === method.toLowerCase() && patternOf(operation.path).test(bare),
  );
  return fitting.sort((a, b) => parameterCount(a.path) - parameterCount(b.path) || b.path.length - a.path.length)[0];
}

/** Refs may hold slashes; nothing else may. */
function patternOf(template: string): RegExp {
  const source = template
    .replace(/\{(?:ref|branch|basehead)\}/g, ".+")
    .replace(/\{\w*(?:number|_id)\}/g, "\\d+")
    .replace(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${source}$`);
}

function parameterCount(template: string): number {
  return template.split("{").length;
}
