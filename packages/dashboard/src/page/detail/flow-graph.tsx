import { useMemo, useRef } from "preact/hooks";
import type { ShownFlowTask } from "../../documents/index.ts";
import { shownText } from "../parts/shown.tsx";
import { flowTone } from "./flow-words.ts";
import { layers } from "./layers.ts";

const box = { width: 168, height: 44, right: 56, below: 14, edge: 8 };

interface FlowGraphProps {
  readonly tasks: readonly ShownFlowTask[];
  readonly selected: string | null;
  readonly onSelect: (id: string | null) => void;
}

/**
 * The graph, with one stop for the keyboard: arrows go from task to task, Enter selects. Whoever does not see it has the
 * list of tasks, which says the same.
 */
export function FlowGraph({ tasks, selected, onSelect }: FlowGraphProps) {
  const drawing = useMemo(() => drawn(tasks), [tasks]);
  const frame = useRef<SVGSVGElement>(null);
  const { nodes, edges, width, height } = drawing;
  const reachable = nodes.some(({ task }) => task.id === selected) ? selected : nodes[0]?.task.id;
  const onKeyDown = (event: KeyboardEvent) => {
    const at = nodes.findIndex(({ task }) => task.id === (event.target as SVGElement).dataset.task);
    const next = neighbour(nodes, at, event.key);
    if (next === -1) return;
    event.preventDefault();
    onSelect(nodes[next]?.task.id ?? null);
    frame.current?.querySelectorAll<SVGGElement>("[data-task]")[next]?.focus();
  };
  return (
    <div class="graph">
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing of buttons */}
      <svg
        ref={frame}
        {...{ width, height }}
        viewBox={`0 0 ${width} ${height}`}
        role="group"
        aria-label="Graph of tasks"
        onKeyDown={onKeyDown}
      >
        {edges.map(({ key, path, isLit }) => (
          <path key={key} class={isLit(selected) ? "graph-edge lit" : "graph-edge"} d={path} />
        ))}
        {nodes.map(({ task, x, y }) => (
          // biome-ignore lint/a11y/useSemanticElements: there are no buttons in a drawing
          <g
            key={task.id}
            class={`graph-node ${flowTone(task.state)}${task.id === selected ? " selected" : ""}`}
            transform={`translate(${x} ${y})`}
            role="button"
            aria-pressed={task.id === selected}
            tabindex={task.id === reachable ? 0 : -1} // an attribute of SVG is written as it is read
            data-task={task.id}
            onClick={() => onSelect(task.id === selected ? null : task.id)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" && event.key !== " ") return;
              event.preventDefault();
              onSelect(task.id === selected ? null : task.id);
            }}
          >
            <rect width={box.width} height={box.height} rx="8" />
            <rect class="graph-state" width="4" height={box.height - 16} x="8" y="8" rx="2" />
            <text class="graph-id" x="20" y="19">
              {shownText(task.id, 20)}
            </text>
            <text class="graph-word" x="20" y="35">
              {shownText(`${task.state} · ${task.worker}`, 24)}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

interface Node {
  readonly task: ShownFlowTask;
  readonly column: number;
  readonly row: number;
  readonly x: number;
  readonly y: number;
}

function drawn(tasks: readonly ShownFlowTask[]) {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const placed = layers(tasks);
  const rows = Math.max(1, ...placed.map(({ row }) => row + 1));
  const sizes = new Map<number, number>();
  for (const { column } of placed) sizes.set(column, (sizes.get(column) ?? 0) + 1);
  const nodes = placed.flatMap(({ id, column, row }): Node[] => {
    const task = byId.get(id);
    const free = (rows - (sizes.get(column) ?? 0)) * (box.height + box.below);
    const x = box.edge + column * (box.width + box.right);
    return task ? [{ task, column, row, x, y: box.edge + free / 2 + row * (box.height + box.below) }] : [];
  });
  const nodeOf = new Map(nodes.map((node) => [node.task.id, node]));
  const edges = nodes.flatMap((to) =>
    to.task.needs.flatMap((need) => {
      const from = nodeOf.get(need);
      return from ? [edgeOf(from, to)] : [];
    }),
  );
  const columns = Math.max(1, ...placed.map(({ column }) => column + 1));
  return {
    ...{ nodes, edges },
    width: 2 * box.edge + columns * (box.width + box.right) - box.right,
    height: 2 * box.edge + rows * (box.height + box.below) - box.below,
  };
}

function edgeOf(from: Node, to: Node) {
  const [x1, y1] = [from.x + box.width, from.y + box.height / 2];
  const [x2, y2] = [to.x, to.y + box.height / 2];
  const bend = Math.max(24, (x2 - x1) / 2);
  return {
    key: `${from.task.id}\0${to.task.id}`,
    path: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
    isLit: (selected: string | null) => selected === from.task.id || selected === to.task.id,
  };
}

/** The task that an arrow leads to; -1: none. */
function neighbour(nodes: readonly Node[], at: number, key: string): number {
  const from = nodes[at];
  const step = Object.hasOwn(steps, key) ? steps[key] : undefined;
  if (!from || !step) return -1;
  if (step.column === 0)
    return nodes.findIndex(({ column, row }) => column === from.column && row === from.row + step.row);
  const there = nodes.filter(({ column }) => column === from.column + step.column);
  const nearest = there.toSorted((a, b) => Math.abs(a.y - from.y) - Math.abs(b.y - from.y))[0];
  return nearest ? nodes.indexOf(nearest) : -1;
}

const steps: Readonly<Record<string, { readonly column: number; readonly row: number }>> = {
  ...{ ArrowUp: { column: 0, row: -1 }, ArrowDown: { column: 0, row: 1 } },
  ...{ ArrowLeft: { column: -1, row: 0 }, ArrowRight: { column: 1, row: 0 } },
};
