import type { ComponentChildren } from "preact";

interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly count?: number;
  /** One line on what this is, or what to do with it. */
  readonly hint?: ComponentChildren;
  readonly tone?: "person" | "bad";
  readonly children: ComponentChildren;
}

/** A part of a page with a heading, as a card. */
export function Section({ id, title, count, hint, tone, children }: SectionProps) {
  return (
    <section class={tone ? `card ${tone}` : "card"} aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>{title}</h2>
        {count !== undefined && <span class="count">{count}</span>}
        {hint && <p class="hint">{hint}</p>}
      </div>
      {children}
    </section>
  );
}

/** What stands where there is nothing. */
export function Nothing({ children }: { readonly children: ComponentChildren }) {
  return <p class="nothing">{children}</p>;
}
