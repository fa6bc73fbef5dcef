/** The screen as it is before a program takes it, and after. */
const takes = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const givesBack = "\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l";
/** Terminals that know it show all that stands between as one picture; the others take no notice. */
const together = (text: string): string => `\u001b[?2026h${text}\u001b[?2026l`;

type Target = { write(text: string): unknown };

/**
 * The whole screen, taken from and given back to whatever stood there (the alternate screen). Only rows that changed are
 * written, each at its own place, so that a row that a terminal draws wider than we think spoils no other.
 */
export class Screen {
  readonly #target: Target;
  #rows: readonly string[] | null = null;

  constructor(target: Target) {
    this.#target = target;
  }

  get isOpen(): boolean {
    return this.#rows !== null;
  }

  open(): void {
    if (this.isOpen) return;
    this.#rows = [];
    this.#target.write(`${takes}\u001b[2J`);
  }

  /** Whatever stood there is not known any more: the terminal has another size, or somebody else wrote on it. */
  forget(): void {
    if (!this.isOpen) return;
    this.#rows = [];
    this.#target.write("\u001b[2J");
  }

  /** No more rows than the terminal has. */
  draw(rows: readonly string[]): void {
    const before = this.#rows;
    if (before === null) return;
    const changed = Array.from({ length: Math.max(rows.length, before.length) }, (_, index) => index).filter(
      (index) => (rows[index] ?? "") !== (before[index] ?? ""),
    );
    this.#rows = rows;
    if (changed.length === 0) return;
    this.#target.write(together(changed.map((index) => `\u001b[${index + 1};1H${rows[index] ?? ""}\u001b[K`).join("")));
  }

  /** Safe to repeat. */
  close(): void {
    if (!this.isOpen) return;
    this.#rows = null;
    this.#target.write(givesBack);
  }
}
