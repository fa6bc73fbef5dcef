import type { CandidateIssue } from "../../domain/snapshot.ts";
import { issueSubject } from "../subjects.ts";
import { dependencyNumbers } from "./dependencies.ts";
import { freshReading } from "./fresh-reading.ts";

type Graph = ReadonlyMap<number, readonly number[]>;

/**
 * Of each issue that waits for itself, the shortest way round, for example `#4 -> #7 -> #4`. Only what is still open
 * counts, and only among the candidates: nothing is known of what other issues wait for.
 */
export function findCycles(candidates: readonly CandidateIssue[]): ReadonlyMap<string, string> {
  const graph = waitsFor(candidates);
  const cycles = new Map<string, string>();
  for (const members of knots(graph)) {
    for (const member of members) {
      const path = wayRound(graph, member, members);
      if (path) cycles.set(issueSubject(member), path.map((each) => `#${each}`).join(" -> "));
    }
  }
  return cycles;
}

function waitsFor(candidates: readonly CandidateIssue[]): Graph {
  const isCandidate = new Set(candidates.map(({ issue }) => issue.number));
  return new Map(
    candidates.map((candidate) => {
      const named = dependencyNumbers(candidate.issue).filter((each) => candidate.dependencies.get(each) === "open");
      const blockers = (freshReading(candidate)?.blockers ?? []).filter(
        ({ repo, state }) => repo === null && state === "open",
      );
      const all = new Set([...named, ...blockers.map(({ number }) => number)]);
      return [candidate.issue.number, [...all].filter((each) => isCandidate.has(each))];
    }),
  );
}

/**
 * Sets of issues of which each waits for each other one (strongly connected components, by Tarjan), in time that grows
 * with issues and references; without recursion, because chains may be as long as the list of issues.
 */
function knots(graph: Graph): readonly ReadonlySet<number>[] {
  const found: Set<number>[] = [];
  const index = new Map<number, number>();
  const low = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();
  const enter = (node: number) => {
    index.set(node, index.size);
    low.set(node, index.size - 1);
    open.push(node);
    isOpen.add(node);
    return { node, next: 0 };
  };
  const lower = (node: number, to: number | undefined) => low.set(node, Math.min(low.get(node) ?? 0, to ?? 0));
  for (const start of graph.keys()) {
    if (index.has(start)) continue;
    const path = [enter(start)];
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const target = graph.get(top.node)?.[top.next];
      top.next += 1;
      if (target !== undefined) {
        if (!index.has(target)) path.push(enter(target));
        else if (isOpen.has(target)) lower(top.node, index.get(target));
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent) lower(parent.node, low.get(top.node));
      if (low.get(top.node) !== index.get(top.node)) continue;
      const members = new Set(open.splice(open.lastIndexOf(top.node)));
      for (const member of members) isOpen.delete(member);
      found.push(members);
    }
  }
  return found;
}

/** The shortest path from an issue back to itself; null where there is none. */
function wayRound(graph: Graph, start: number, members: ReadonlySet<number>): readonly number[] | null {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const target of graph.get(node) ?? []) {
      if (target === start) return [...pathTo(node, start, cameFrom), start];
      if (!members.has(target) || cameFrom.has(target)) continue;
      cameFrom.set(target, node);
      queue.push(target);
    }
  }
  return null;
}

function pathTo(node: number, start: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const path = [node];
  for (let at = node; at !== start; ) {
    at = cameFrom.get(at) ?? start;
    path.push(at);
  }
  return path.reverse();
}
