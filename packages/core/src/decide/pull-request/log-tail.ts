const mostLines = 200;
const mostOfLine = 500;
const mostOfAll = 16_000;

/** The last lines of a job's log, as people read them: without the time before each, and without colours. */
export function logTail(log: string): string {
  const lines = log.split(/\r?\n/).map(readable);
  while (lines.at(-1) === "") lines.pop();
  const tail = lines.slice(-mostLines);
  while (lengthOf(tail) > mostOfAll) tail.shift();
  return tail.join("\n");
}

const lengthOf = (lines: readonly string[]): number => lines.reduce((sum, { length }) => sum + length + 1, 0);

function readable(line: string): string {
  const plain = line
    .replace(/^\uFEFF?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z /, "")
    .replace(colours, "")
    .trimEnd();
  return plain.length > mostOfLine ? `${plain.slice(0, mostOfLine)}...` : plain;
}

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, "g");
