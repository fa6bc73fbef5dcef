import { formatPath, type ProfileProblem } from "../../profile/problem.ts";
import type { Path } from "../source/marks.ts";

/** One thing wrong with a plan: where (line and column count from 1), what, and what to do. The same as of a profile. */
export type PlanProblem = ProfileProblem;

/** A problem whose line is not looked up yet. */
export interface Remark {
  readonly path: Path;
  readonly message: string;
  readonly fix: string;
  /** It is about the last key of the path, not about its value. */
  readonly isKey: boolean;
}

/** Collects what is wrong; reading goes on, so that everything is said at once. */
export class Remarks {
  readonly all: Remark[] = [];
  readonly #told = new Set<string>();

  add(path: Path, message: string, fix: string): undefined {
    return this.#note({ path, message, fix, isKey: false });
  }

  addKey(path: Path, message: string, fix: string): undefined {
    return this.#note({ path, message, fix, isKey: true });
  }

  /** For what may be missing only because it, or what it has, was wrong. */
  addUnlessTold(path: Path, message: string, fix: string): undefined {
    return this.hasTold(path) ? undefined : this.add(path, message, fix);
  }

  hasTold(path: Path): boolean {
    return this.#told.has(path.join(" "));
  }

  #note(remark: Remark): undefined {
    this.all.push(remark);
    for (let end = remark.path.length; end > 0; end -= 1) this.#told.add(remark.path.slice(0, end).join(" "));
  }

  get isEmpty(): boolean {
    return this.all.length === 0;
  }
}

/** `retry.count: Expected ... Fix: ...`; for what has no file. */
export function formatRemark({ path, message, fix }: Remark): string {
  return `${path.length === 0 ? "" : `${formatPath(path)}: `}${message} Fix: ${fix}`;
}
