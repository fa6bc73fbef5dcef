/** What a forge says of a repository to the holder of a token. `refused`: the token; `missing`: it shows no such repository. */
export type ForgeAnswer =
  | {
      readonly kind: "seen";
      readonly canPush: boolean;
      readonly defaultBranch: string | null;
      readonly archived: boolean;
    }
  | { readonly kind: "refused"; readonly detail: string }
  | { readonly kind: "missing"; readonly detail: string }
  | { readonly kind: "unreachable"; readonly detail: string };

/** One read of the repository. The token goes into the request's header and nowhere else; every ending is a value. */
export async function askForge(
  { apiUrl, slug, timeoutMs }: { readonly apiUrl: string; readonly slug: string; readonly timeoutMs: number },
  token: string,
): Promise<ForgeAnswer> {
  const url = `${apiUrl.replace(/\/+$/, "")}/repos/${slug}`;
  try {
    const response = await fetch(url, {
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "user-agent": "agent-control-plane",
        "x-github-api-version": "2022-11-28",
      },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body: unknown = await response.json().catch(() => null);
    return judgeAnswer(response.status, body);
  } catch (error) {
    return { kind: "unreachable", detail: reasonOf(error) };
  }
}

/** Pure. `body`: what the forge sent, if it was JSON. */
export function judgeAnswer(status: number, body: unknown): ForgeAnswer {
  const fields = (typeof body === "object" && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
  const said = typeof fields.message === "string" ? fields.message.slice(0, 200) : "";
  const detail = `HTTP ${status}${said === "" ? "" : `: ${said}`}`;
  if (status === 200 && typeof fields.full_name === "string") {
    const permissions = (fields.permissions ?? {}) as Readonly<Record<string, unknown>>;
    const defaultBranch = typeof fields.default_branch === "string" ? fields.default_branch : null;
    return { kind: "seen", canPush: permissions.push === true, defaultBranch, archived: fields.archived === true };
  }
  if (status === 401 || status === 403) return { kind: "refused", detail };
  if (status === 404 || status === 301) return { kind: "missing", detail };
  return { kind: "unreachable", detail: status === 200 ? "the answer is not one of a forge" : detail };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : null;
  return code ?? error.message;
}
