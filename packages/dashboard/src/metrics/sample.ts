/** One family of numbers as Prometheus reads them. All are gauges: they say what is, and what is gone is left out. */
export interface Family {
  /** `acp_...`, with the unit at its end. */
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Of few values each: never a title, a branch or a number of an issue. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Pure. How many of each there are, by labels. */
export function counted<T>(all: readonly T[], labelsOf: (one: T) => Sample["labels"]): readonly Sample[] {
  const found = new Map<string, { readonly labels: Sample["labels"]; value: number }>();
  for (const one of all) {
    const labels = labelsOf(one);
    const key = JSON.stringify(Object.entries(labels));
    const sample = found.get(key) ?? { labels, value: 0 };
    sample.value += 1;
    found.set(key, sample);
  }
  return [...found.values()];
}
