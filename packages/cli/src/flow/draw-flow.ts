/** A task as it is drawn. */
export interface DrawnTask {
  readonly id: string;
  readonly needs: readonly string[];
  readonly state: string;
  /** Higher stays when not all can be shown. */
  readonly interest: number;
}

/** `lead`: what stands before the task's id, or before the words of a fold. */
export type DrawnLine = { readonly lead: string; readonly depth: number } & (
  | { readonly id: string /** What it needs beside the task above it. */; readonly also: readonly string[] }
  | { readonly folded: Readonly<Record<string, number>> }
);

/** Deeper ones stand no further in. */
const mostIndent = 16;

/**
 * Pure. A graph as a tree: each task once, under that one of its needs that comes last, further in by one for each layer;
 * its other needs are named. Of more than `most` tasks the most interesting are drawn, and each run of others is one line.
 */
export function drawFlow(tasks: readonly DrawnTask[], most: number): readonly DrawnLine[] {
  const order = treeOrder(tasks);
  const shown = order.length <= most ? null : mostInteresting(order, most);
  return withLeads(folded(order, shown));
}

interface Placed extends DrawnTask {
  readonly depth: number;
  readonly parent: string | null;
}

/** Depth first, children in the order of the plan. */
function treeOrder(tasks: readonly DrawnTask[]): readonly Placed[] {
  const layers = layersOf(tasks);
  const children = new Map<string | null, Placed[]>();
  for (const task of tasks) {
    const depth = layers.get(task.id) ?? 0;
    const parent = depth === 0 ? null : (task.needs.find((id) => layers.get(id) === depth - 1) ?? null);
    const placed = { ...task, depth, parent };
    const siblings = children.get(parent);
    if (siblings) siblings.push(placed);
    else children.set(parent, [placed]);
  }
  const order: Placed[] = [];
  const open = [...(children.get(null) ?? [])].reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    order.push(next);
    open.push(...[...(children.get(next.id) ?? [])].reverse());
  }
  return order;
}

/** One more than the deepest need; the flow's graph has no circles. */
function layersOf(tasks: readonly DrawnTask[]): ReadonlyMap<string, number> {
  const layers = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  const open = new Map<string, number>();
  const known = new Set(tasks.map(({ id }) => id));
  for (const { id, needs } of tasks) {
    const own = [...new Set(needs)].filter((need) => known.has(need));
    open.set(id, own.length);
    for (const need of own) {
      const others = dependents.get(need);
      if (others) others.push(id);
      else dependents.set(need, [id]);
    }
  }
  const ready = tasks.filter(({ id }) => open.get(id) === 0).map(({ id }) => id);
  for (const id of ready) layers.set(id, 0);
  for (let id = ready.shift(); id !== undefined; id = ready.shift()) {
    for (const dependent of dependents.get(id) ?? []) {
      layers.set(dependent, Math.max(layers.get(dependent) ?? 0, (layers.get(id) ?? 0) + 1));
      const left = (open.get(dependent) ?? 1) - 1;
      open.set(dependent, left);
      if (left === 0) ready.push(dependent);
    }
  }
  return layers;
}

function mostInteresting(order: readonly Placed[], most: number): ReadonlySet<string> {
  const ranked = order.map((task, index) => ({ task, index }));
  ranked.sort((a, b) => b.task.interest - a.task.interest || a.index - b.index);
  return new Set(ranked.slice(0, most).map(({ task }) => task.id));
}

type Line = { readonly depth: number } & (
  | { readonly id: string; readonly also: readonly string[] }
  | { readonly folded: Record<string, number> }
);

function folded(order: readonly Placed[], shown: ReadonlySet<string> | null): readonly Line[] {
  const lines: Line[] = [];
  let run: { depth: number; folded: Record<string, number> } | null = null;
  for (const { id, depth, needs, parent, state } of order) {
    if (shown === null || shown.has(id)) {
      if (run !== null) lines.push(run);
      run = null;
      lines.push({ depth, id, also: [...new Set(needs)].filter((need) => need !== parent) });
    } else {
      run ??= { depth, folded: {} };
      run.depth = Math.min(run.depth, depth);
      run.folded[state] = (run.folded[state] ?? 0) + 1;
    }
  }
  return run === null ? lines : [...lines, run];
}

/** From below, which is where one sees whether more of a level is to come. */
function withLeads(lines: readonly Line[]): readonly DrawnLine[] {
  const goesOn: boolean[] = [];
  const drawn: DrawnLine[] = [];
  for (const line of [...lines].reverse()) {
    const indent = Math.min(line.depth, mostIndent);
    const above = Array.from({ length: Math.max(0, indent - 1) }, (_, level) => (goesOn[level + 1] ? "│  " : "   "));
    const own = indent === 0 ? "" : goesOn[indent] ? "├─ " : "└─ ";
    drawn.push({ ...line, lead: `${above.join("")}${own}` });
    goesOn.length = indent + 1;
    goesOn[indent] = true;
  }
  return drawn.reverse();
}
