/** A place in a drawing, in columns and rows. */
export interface Placed {
  readonly id: string;
  readonly column: number;
  readonly row: number;
}

interface Node {
  readonly id: string;
  readonly needs: readonly string[];
}

/**
 * Pure. A graph in columns: each task stands right of all it needs, and near the rows of those. What is needed and not
 * there is passed over, and so is what would go round in a circle.
 */
export function layers(nodes: readonly Node[]): readonly Placed[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const columnOf = columnsOf(byId);
  const columns: string[][] = [];
  for (const { id } of nodes) {
    const column = columnOf.get(id) ?? 0;
    while (columns.length <= column) columns.push([]);
    columns[column]?.push(id);
  }
  const neighbours = neighboursOf(nodes, byId);
  // There and back, twice: rows hardly move after that.
  for (const order of [columns, columns.toReversed(), columns, columns.toReversed()]) straighten(order, neighbours);
  return columns.flatMap((ids, column) => ids.map((id, row) => ({ id, column, row })));
}

/** The longest way from the beginning. Without recursion: a chain may have hundreds of tasks. */
function columnsOf(byId: ReadonlyMap<string, Node>): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  const open = new Set<string>();
  for (const start of byId.keys()) {
    const stack = [start];
    while (stack.length > 0) {
      const id = stack.at(-1) ?? "";
      const needs = (byId.get(id)?.needs ?? []).filter((need) => byId.has(need));
      const next = columns.has(id) ? undefined : needs.find((need) => !columns.has(need) && !open.has(need));
      open.add(id);
      if (next !== undefined) {
        stack.push(next);
        continue;
      }
      if (!columns.has(id)) columns.set(id, Math.max(-1, ...needs.map((need) => columns.get(need) ?? -1)) + 1);
      open.delete(id);
      stack.pop();
    }
  }
  return columns;
}

function neighboursOf(nodes: readonly Node[], byId: ReadonlyMap<string, Node>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>(nodes.map(({ id }) => [id, []]));
  for (const { id, needs } of nodes)
    for (const need of needs)
      if (byId.has(need)) {
        found.get(id)?.push(need);
        found.get(need)?.push(id);
      }
  return found;
}

/** Each column in the order of the rows that its neighbours in the columns before have on average. */
function straighten(columns: readonly string[][], neighbours: ReadonlyMap<string, readonly string[]>): void {
  const rows = new Map<string, number>();
  for (const ids of columns) {
    const wanted = new Map(
      ids.map((id, row) => {
        const known = (neighbours.get(id) ?? []).flatMap((other) => rows.get(other) ?? []);
        return [id, known.length === 0 ? row : known.reduce((sum, one) => sum + one, 0) / known.length];
      }),
    );
    ids.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    for (const [row, id] of ids.entries()) rows.set(id, row);
  }
}
