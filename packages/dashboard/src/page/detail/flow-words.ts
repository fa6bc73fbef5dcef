/** Pure. The colour of a flow's or a task's state. */
export function flowTone(state: string): "run" | "good" | "bad" | "wait" | "person" | "off" {
  return Object.hasOwn(tones, state) ? (tones[state] ?? "off") : "off";
}

const tones: Readonly<Record<string, ReturnType<typeof flowTone>>> = {
  ...{ running: "run", judging: "run", succeeded: "good", failed: "bad", asking: "person", paused: "person" },
  ...{ queued: "wait", waiting: "off", skipped: "off", cancelled: "off" },
};
