import { shownText } from "../parts/shown.tsx";
import { actWords } from "./act-words.ts";
import "./acts.css";
import { type AskedAct, askedAct } from "./asked-act.ts";
import { type Known, useMe } from "./me.ts";

interface ActButtonProps {
  readonly name: string;
  readonly body: AskedAct["body"];
  /** What it is done to: `web`, `issue:12`. Hostile text. */
  readonly about: string;
  /** Other than the usual word for it. */
  readonly label?: string;
}

/** Asks before it acts. Where this visitor may not, it is there all the same, and says why. */
export function ActButton({ name, body, about, label }: ActButtonProps) {
  const words = actWords[name];
  const why = whyNot(useMe(), name);
  if (!words) return null;
  const shown = shownText(label ?? words.label, 80);
  const of = shownText(about, 120);
  return (
    <button
      type="button"
      class={`button act-button ${why === null ? "" : "off"}`}
      aria-disabled={why !== null}
      title={why ?? words.meaning}
      onClick={() => askedAct.tell({ name, body, label: shown, title: `${shown}: ${of}` })}
    >
      {shown}
      <span class="unseen">
        {" "}
        {of}
        {why !== null && ` (${why})`}
      </span>
    </button>
  );
}

/** Pure. Null: this visitor may. */
export function whyNot(known: Known, name: string): string | null {
  if (known.kind === "asking") return "Asking the dashboard whether this may be done here.";
  if (known.kind === "stranger") return "The login is over.";
  const { on, why, names } = known.me.acts;
  if (!on) return why ?? "Acts are off.";
  return names.includes(name) ? null : "This dashboard does not know how.";
}
