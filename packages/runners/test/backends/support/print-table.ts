import { scenarios } from "@agent-control-plane/scripted-model";

/** One line a backend, one column a scenario; below it what differed and what could not run. */
export function tableText(
  cells: ReadonlyMap<string, ReadonlyMap<string, Cell>>,
  missing: ReadonlyMap<string, string>,
): string {
  const names = [...cells.keys(), ...missing.keys()];
  const width = Math.max(7, ...names.map((name) => name.length));
  const line = (name: string, words: readonly string[]) =>
    [name.padEnd(width), ...words.map((word, at) => word.padEnd((scenarios[at] ?? "").length))].join("  ").trimEnd();
  const rows = [...cells].map(([name, row]) =>
    line(
      name,
      scenarios.map((scenario) => wordOf(row.get(scenario))),
    ),
  );
  const skipped = [...missing.keys()].map((name) =>
    line(
      name,
      scenarios.map(() => "skip"),
    ),
  );
  const notes = [...cells].flatMap(([name, row]) =>
    [...row].flatMap(([scenario, cell]) => (cell.note === "" ? [] : [`${name} ${scenario}: ${cell.note}`])),
  );
  const reasons = [...missing].map(([name, reason]) => `${name} skipped: ${reason}`);
  return [line("backend", scenarios), ...rows, ...skipped, "", ...notes, ...reasons].join("\n");
}

export interface Cell {
  readonly state: "ok" | "differs" | "skip";
  /** What differed, or why it was skipped. */
  readonly note: string;
}

const wordOf = (cell: Cell | undefined): string =>
  cell === undefined ? "-" : cell.state === "differs" ? "NO" : cell.state;
