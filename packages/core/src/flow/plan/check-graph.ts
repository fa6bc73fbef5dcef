import type { FlowTaskSpec } from "../../domain/flow-plan.ts";
import { remarkOnGraph } from "./graph.ts";
import { formatRemark, Remarks } from "./problem.ts";

/**
 * What is wrong with the tasks of a flow as a whole, after some were added or changed: sentences with path and fix. Needs all tasks that
 * are not at an end, and those that they need; the order of `specs` is the index that a path names.
 */
export function checkGraph(specs: readonly FlowTaskSpec[]): readonly string[] {
  const remarks = new Remarks();
  remarkOnGraph(
    specs.map((spec, index) => ({ spec, at: ["tasks", index] })),
    new Set(),
    remarks,
  );
  return remarks.all.slice(0, 100).map(formatRemark);
}
