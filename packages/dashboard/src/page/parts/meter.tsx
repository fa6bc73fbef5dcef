interface MeterProps {
  readonly label: string;
  readonly value: number;
  readonly most: number;
  /** From which part of it on it is a warning, and from which a trouble. */
  readonly warn?: number;
  readonly bad?: number;
}

/** How much of a bound is taken. What it says in numbers stands beside it. */
export function Meter({ label, value, most, warn = 0.8, bad = 1 }: MeterProps) {
  const part = most > 0 ? Math.min(1, Math.max(0, value / most)) : 1;
  const tone = part >= bad ? "bad" : part >= warn ? "wait" : "run";
  return (
    <span class={`meter ${tone}`}>
      <meter class="unseen" aria-label={label} min={0} max={100} value={Math.round(part * 100)} />
      <span class="meter-fill" style={{ width: `${part * 100}%` }} />
    </span>
  );
}
