import { useEffect, useState } from "preact/hooks";

/** What came of a question; what went wrong is a value, in words for people. `status` 0: there was no answer. */
export type Fetched<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number; readonly code: string; readonly message: string };

/** Asks the server. Never throws; a question that was given up by `signal` has the code `given-up`. */
export async function fetchJson<T>(path: string, signal?: AbortSignal, sent: RequestInit = {}): Promise<Fetched<T>> {
  try {
    const headers = { accept: "application/json", ...sent.headers };
    const answer = await fetch(path, { ...sent, signal: signal ?? null, headers });
    if (answer.ok) return { ok: true, value: (await answer.json()) as T };
    return { ok: false, status: answer.status, ...(await refusalIn(answer)) };
  } catch {
    if (signal?.aborted) return { ok: false, status: 0, code: "given-up", message: "Nobody waits for this any more." };
    return { ok: false, status: 0, code: "no-answer", message: "The dashboard does not answer." };
  }
}

/** Null while it is asked for the first time. Asked anew when `version` is another; what is shown stays until then. */
export function useJson<T>(path: string, version: unknown = null): Fetched<T> | null {
  const [known, setKnown] = useState<{ readonly path: string; readonly fetched: Fetched<T> } | null>(null);
  useEffect(() => {
    const asking = new AbortController();
    void fetchJson<T>(path, asking.signal).then((fetched) => {
      if (!asking.signal.aborted) setKnown({ path, fetched });
    });
    return () => asking.abort();
  }, [path, version]);
  return known?.path === path ? known.fetched : null;
}

async function refusalIn(answer: Response): Promise<{ readonly code: string; readonly message: string }> {
  const body = (await answer.json().catch(() => null)) as { error?: { code?: unknown; message?: unknown } } | null;
  const { code, message } = body?.error ?? {};
  return {
    code: typeof code === "string" ? code : "unreadable",
    message: typeof message === "string" ? message : `The dashboard answered ${answer.status}.`,
  };
}
