/** Who may ask. */
export interface Guard {
  /** Names and addresses that this server is reached by, without the port; a request for another one is refused. */
  readonly hosts: readonly string[];
  /** What else a person named, for what stands before this server: with its own port or without one, by TLS or not. */
  readonly allowed: readonly string[];
  readonly port: number;
  /** Only who is known is answered; false: everybody who reaches this address may look. */
  readonly needsLogin: boolean;
}

/** What of a request decides; names of headers in lower case. */
export interface Asking {
  readonly method: string;
  readonly path: string;
  /** The host of its address: another than `Host` where its first line names one. */
  readonly addressed: string;
  header(name: string): string | undefined;
  /** It came with a login, or a program's token. */
  readonly isKnown: boolean;
}

export interface Refused {
  readonly status: 400 | 401 | 403;
  readonly code: "wrong-host" | "cross-origin" | "token-needed";
  readonly message: string;
}

/**
 * Pure. Null: it may. A page of another site can make a browser send requests here, and can give its own name this
 * address; neither can set `Host` to ours or leave out `Origin` and `Sec-Fetch-Site`.
 */
export function refusal(guard: Guard, asking: Asking): Refused | null {
  const host = asking.header("host");
  if (host === undefined || !isOurs(guard, host) || !isOurs(guard, asking.addressed))
    return {
      ...{ status: 403, code: "wrong-host" },
      message: `This server is not ${JSON.stringify(host ?? "")}. Open it as http://${guard.hosts[0]}:${guard.port}/, or start it with --allow-host.`,
    };
  const origin = asking.header("origin");
  if (origin !== undefined && !originsOf(guard, host).includes(origin)) return crossOrigin;
  const site = asking.header("sec-fetch-site");
  const isLink = asking.header("sec-fetch-mode") === "navigate" && asking.method === "GET";
  if (site !== undefined && site !== "same-origin" && site !== "none" && !isLink) return crossOrigin;
  if (guard.needsLogin && !asking.isKnown && !ofTheLogin.has(asking.path))
    return { ...{ status: 401, code: "token-needed" }, message: "This needs a login." };
  return null;
}

/** What the page that logs in consists of. */
const ofTheLogin: ReadonlySet<string> = new Set(["/login", "/login.js", "/icon.svg"]);

const crossOrigin: Refused = {
  ...{ status: 403, code: "cross-origin" },
  message: "Pages of other sites may not ask here.",
};

function isOurs({ hosts, allowed, port }: Guard, host: string): boolean {
  const isOwn = hosts.some((name) => host === `${name}:${port}` || (port === 80 && host === name));
  return isOwn || isAllowed({ allowed, port }, host);
}

const isAllowed = ({ allowed, port }: Pick<Guard, "allowed" | "port">, host: string): boolean =>
  allowed.some((name) => host === name || host === `${name}:${port}`);

/** Of pages that came from here, under this name. */
const originsOf = (guard: Guard, host: string): readonly string[] =>
  isAllowed(guard, host) ? [`http://${host}`, `https://${host}`] : [`http://${host}`];
