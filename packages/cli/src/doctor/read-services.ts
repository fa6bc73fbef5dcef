import type { Scope } from "./scope.ts";

/** What is wrong with an installed service of the operating system; no problems: it is as it should be. */
export interface ServiceFacts {
  readonly name: string;
  readonly problems: readonly string[];
  /** Puts it right. */
  readonly command: string;
}

/** The one place where services come in: each entry reads those of one kind, and answers nothing where none is installed. */
export async function readServices(scope: Scope): Promise<readonly ServiceFacts[]> {
  return (await Promise.all(readers.map((read) => read(scope)))).flat();
}

const readers: readonly ((scope: Scope) => Promise<readonly ServiceFacts[]>)[] = [];
