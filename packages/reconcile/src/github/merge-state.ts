import type { MergeState } from "@agent-control-plane/core";

/**
 * What the forge's two words for mergeability come to. It computes them after it is asked: until then `mergeable` is
 * null, whatever the other says. Where the two contradict each other nothing is known.
 */
export function mergeStateOf(mergeable: unknown, state: unknown): MergeState {
  const named = states.get(state) ?? "unknown";
  if (mergeable === false) return named === "clean" ? "unknown" : "dirty";
  if (mergeable !== true || named === "dirty") return "unknown";
  return named;
}

// `has_hooks`: clean, and the forge (an Enterprise one) runs hooks of its own before it merges.
const states: ReadonlyMap<unknown, MergeState> = new Map([
  ["clean", "clean"],
  ["has_hooks", "clean"],
  ["dirty", "dirty"],
  ["blocked", "blocked"],
  ["behind", "behind"],
  ["unstable", "unstable"],
  ["draft", "draft"],
]);
