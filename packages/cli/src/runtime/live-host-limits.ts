import { type Clock, type HostLimits, hostFile, type Log, loadHostLimits } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { fileStamp } from "./file-stamp.ts";
import { type RulesProblem, standingProblem } from "./rules-problem.ts";

/** The limits of host.yaml while a daemon runs: looked at once a pass, the last good ones hold while it is broken. */
export class LiveHostLimits {
  #limits: HostLimits;
  #stamp: string;
  #problem: RulesProblem | null = null;
  readonly #around: { readonly home: string; readonly log: Log; readonly clock: Clock };

  /** Throws `UserError` when the file is broken: there are no good limits yet. */
  constructor(around: { readonly home: string; readonly log: Log; readonly clock: Clock }) {
    this.#around = around;
    this.#stamp = fileStamp(hostFile(around.home));
    this.#limits = loadHostLimits(around.home, backends);
  }

  get limits(): HostLimits {
    return this.#limits;
  }

  get problem(): RulesProblem | null {
    return this.#problem;
  }

  refresh(): void {
    const { home, log, clock } = this.#around;
    // Taken before the file is read: what is written in between makes another stamp, and is read with the next pass.
    const stamp = fileStamp(hostFile(home));
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    try {
      this.#limits = loadHostLimits(home, backends);
      this.#problem = null;
      log.info("host limits reloaded");
    } catch (error) {
      const problems = linesOf(error);
      const { problem, isNews } = standingProblem(this.#problem, { state: "last-good", problems, since: clock.now() });
      if (isNews) log.error("host limits not reloaded; the last good ones hold", { problems });
      this.#problem = problem;
    }
  }
}

/** The problems themselves, without the line that counts them. */
function linesOf(error: unknown): readonly string[] {
  const [first = "", ...rest] = (error instanceof Error ? error.message : String(error)).split("\n");
  return rest.length === 0 ? [first] : rest.map((line) => line.trim());
}
