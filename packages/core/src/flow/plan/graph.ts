import type { FlowTaskSpec } from "../../domain/flow-plan.ts";
import { suggest } from "../../profile/suggest.ts";
import type { Path } from "../source/marks.ts";
import type { Remarks } from "./problem.ts";

export interface Vertex {
  readonly spec: FlowTaskSpec;
  readonly at: Path;
}

/**
 * What is wrong with tasks as a whole: ids that stand twice, needs that lead nowhere, two judges of one task, judges of
 * judges, circles. `mentioned`: ids of tasks that have faults of their own, which would only be called unknown.
 */
export function remarkOnGraph(vertices: readonly Vertex[], mentioned: ReadonlySet<string>, remarks: Remarks): void {
  const byId = remarkOnDoubles(vertices, remarks);
  const judges = remarkOnJudges(vertices, byId, mentioned, remarks);
  for (const { spec, at } of vertices) remarkOnNeeds(spec, at, byId, mentioned, remarks);
  remarkOnCircles(vertices, byId, judges, remarks);
}

type ById = ReadonlyMap<string, Vertex>;

/** Ids name folders, and there are file systems that do not tell `A` from `a`. */
function remarkOnDoubles(vertices: readonly Vertex[], remarks: Remarks): ById {
  const byId = new Map<string, Vertex>();
  const folded = new Map<string, string>();
  for (const vertex of vertices) {
    const { id } = vertex.spec;
    const other = folded.get(id.toLowerCase());
    if (other === undefined) {
      folded.set(id.toLowerCase(), id);
      byId.set(id, vertex);
      continue;
    }
    const message =
      other === id ? `The id "${id}" stands twice.` : `The ids "${other}" and "${id}" differ in letter case only.`;
    remarks.add([...vertex.at, "id"], message, "give one of the two another id.");
  }
  return byId;
}

function remarkOnJudges(
  vertices: readonly Vertex[],
  byId: ById,
  mentioned: ReadonlySet<string>,
  remarks: Remarks,
): ReadonlyMap<string, string> {
  const judges = new Map<string, string>();
  for (const { spec, at } of vertices) {
    const { judges: judged, id } = spec;
    if (judged === null) continue;
    const place = [...at, "judges"];
    if (judged === id) {
      remarks.add(place, `The task "${id}" judges itself.`, "name another task.");
      continue;
    }
    const target = byId.get(judged);
    if (target === undefined) {
      if (!mentioned.has(judged)) remarkUnknown(judged, place, byId, remarks);
      continue;
    }
    if (target.spec.judges !== null) {
      remarks.add(place, `"${judged}" is a judge itself, and judges are not judged.`, "let it judge the work itself.");
    }
    const other = judges.get(judged);
    if (other === undefined) judges.set(judged, id);
    else remarks.add(place, `The task "${judged}" has two judges, "${other}" and "${id}".`, "keep one of the two.");
  }
  return judges;
}

function remarkOnNeeds(
  spec: FlowTaskSpec,
  at: Path,
  byId: ById,
  mentioned: ReadonlySet<string>,
  remarks: Remarks,
): void {
  for (let index = 0; index < spec.dependsOn.length; index += 1) {
    const needed = spec.dependsOn[index] as string;
    if (needed === spec.judges) continue;
    if (needed === spec.id) {
      remarks.add([...at, "depends_on", index], `The task "${needed}" depends on itself.`, "remove it.");
    } else if (!byId.has(needed) && !mentioned.has(needed)) {
      remarkUnknown(needed, [...at, "depends_on", index], byId, remarks);
    }
  }
}

function remarkUnknown(id: string, place: Path, byId: ById, remarks: Remarks): void {
  // Looking for the nearest of thousands of ids is worth it for a few.
  const near = remarks.all.length < 20 ? suggest(id, [...byId.keys()].slice(0, 5000)) : null;
  const fix = near === null ? "use the id of a task of this flow." : `did you mean "${near}"?`;
  remarks.add(place, `There is no task ${JSON.stringify(id.slice(0, 80))}.`, fix);
}

/**
 * Who waits for whom: a task for what it needs, and for the judges of what it needs, since that has not succeeded before
 * its judge has spoken. Each circle is said once, with all who are in it.
 */
function remarkOnCircles(
  vertices: readonly Vertex[],
  byId: ById,
  judges: ReadonlyMap<string, string>,
  remarks: Remarks,
): void {
  const state = new Map<string, "open" | "done">();
  for (const { spec } of vertices) {
    if (state.has(spec.id) || byId.get(spec.id)?.spec !== spec) continue;
    const trail: { readonly id: string; readonly waits: readonly string[]; next: number }[] = [];
    const enter = (id: string): void => {
      state.set(id, "open");
      trail.push({ id, waits: waitsOf(id, byId, judges), next: 0 });
    };
    enter(spec.id);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const needed = top.waits[top.next];
      top.next += 1;
      if (needed === undefined) {
        state.set(top.id, "done");
        trail.pop();
      } else if (!state.has(needed)) enter(needed);
      else if (state.get(needed) === "open") {
        const ids = trail.map(({ id }) => id);
        remarkOnCircle(ids.slice(ids.indexOf(needed)), byId, remarks);
      }
    }
  }
}

function waitsOf(id: string, byId: ById, judges: ReadonlyMap<string, string>): readonly string[] {
  const spec = byId.get(id)?.spec;
  if (spec === undefined) return [];
  const waits: string[] = [];
  for (const needed of spec.dependsOn) {
    if (needed === id || !byId.has(needed)) continue;
    waits.push(needed);
    const judge = judges.get(needed);
    if (judge !== undefined && judge !== id) waits.push(judge);
  }
  return waits;
}

function remarkOnCircle(ids: readonly string[], byId: ById, remarks: Remarks): void {
  const [first = "", second = first] = ids;
  const vertex = byId.get(first);
  const index = vertex?.spec.dependsOn.indexOf(second) ?? -1;
  const place = [...(vertex?.at ?? []), "depends_on", ...(index < 0 ? [] : [index])];
  const names = ids.length <= 20 ? ids : [...ids.slice(0, 10), `... ${ids.length - 20} more ...`, ...ids.slice(-10)];
  const message = `These tasks wait for each other: ${[...names, first].join(" -> ")}.`;
  remarks.add(place, message, "take one of these dependencies out.");
}
