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

  add(path: Path, message: string, fix: string): undefined {
    this.all.push({ path, message, fix, isKey: false });
    return undefined;
  }

  addKey(path: Path, message: string, fix: string): undefined {
    this.all.push({ path, message, fix, isKey: true });
    return undefined;
  }

  get isEmpty(): boolean {
    return this.all.length === 0;
  }
}

/** `retry.count: Expected ... Fix: ...`; for what has no file. */
export function formatRemark({ path, message, fix }: Remark): string {
  return `${path.length === 0 ? "" : `${formatPath(path)}: `}${message} Fix: ${fix}`;
}
