export interface FaultMatcher {
  readonly method?: string;
  /** Tested against the whole path without its query: `/api/v3/repos/o/r/issues` or `/o/r.git/git-receive-pack`. */
  readonly path?: RegExp;
  /** How many requests it hits, 1 when not given. */
  readonly times?: number;
  /** How many it lets pass before, 0 when not given. */
  readonly after?: number;
}

export type Fault =
  | "drop-reply-after-applying"
  | "drop-before-applying"
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  | { readonly delayMs: number };

/** Scripted trouble. Each matching request uses one of the first script that still has times left. */
export interface Faults {
  next(matcher: FaultMatcher, fault: Fault): void;
  clear(): void;
}

export interface FaultBook extends Faults {
  take(method: string, path: string): Fault | null;
}

export function createFaults(): FaultBook {
  let scripts: {
    method?: string | undefined;
    path?: RegExp | undefined;
    left: number;
    toPass: number;
    fault: Fault;
  }[] = [];
  return {
    next: ({ method, path, times, after }, fault) => {
      const stateless = path && new RegExp(path.source, path.flags.replace(/[gy]/g, ""));
      scripts.push({ method: method?.toUpperCase(), path: stateless, left: times ?? 1, toPass: after ?? 0, fault });
    },
    clear: () => {
      scripts = [];
    },
    take: (method, path) => {
      const script = scripts.find(
        (one) => (one.method ?? method) === method && (one.path === undefined || one.path.test(path)),
      );
      if (!script) return null;
      if (script.toPass > 0) {
        script.toPass -= 1;
        return null;
      }
      script.left -= 1;
      if (script.left <= 0) scripts = scripts.filter((one) => one !== script);
      return script.fault;
    },
  };
}
