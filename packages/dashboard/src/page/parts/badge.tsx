import type { ComponentChildren } from "preact";
import type { Standing } from "../standing.ts";

export type Tone = "run" | "good" | "wait" | "person" | "bad" | "off";

/** A word with a colour; the word alone says it. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

export const standingTones: Readonly<Record<Standing["kind"], Tone>> = {
  ...{ ready: "good", starting: "run", draining: "wait", paused: "wait" },
  ...{ stopped: "off", gone: "bad", broken: "bad" },
};
