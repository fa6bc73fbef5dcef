interface FiltersProps {
  readonly label: string;
  /** Parts of a page rather than filters of a list. */
  readonly asTabs?: boolean;
  readonly choices: readonly (readonly [value: string, word: string, count?: number])[];
  readonly chosen: string;
  /** Where a choice leads. */
  readonly hash: (value: string) => string;
}

/** One of a few choices, each a link, so that the address says what is shown. */
export function Filters({ label, asTabs = false, choices, chosen, hash }: FiltersProps) {
  return (
    <nav class={asTabs ? "tabs" : "filters"} aria-label={label}>
      {choices.map(([value, word, count]) => (
        <a key={value} href={hash(value)} aria-current={value === chosen ? "true" : undefined}>
          {word}
          {count !== undefined && <span class="count">{count}</span>}
        </a>
      ))}
    </nav>
  );
}
