import { useEffect, useMemo, useState } from "preact/hooks";
import type { SessionDocument } from "../../documents/index.ts";
import { type Fetched, useJson } from "../fetch-json.ts";
import { useTicks } from "./use-ticks.ts";

/** Asked anew whenever its profile changes. One of a flow, which is no profile's, is asked for until it is over. */
export function useSession(sessionId: string, profile: unknown): Fetched<SessionDocument> | null {
  const [isOver, setOver] = useState(false);
  const looks = useTicks(3_000, profile === undefined && !isOver);
  const version = useMemo(() => ({ looks, profile }), [looks, profile]);
  const fetched = useJson<SessionDocument>(`/api/v1/sessions/${encodeURIComponent(sessionId)}`, version);
  const isOverNow = fetched !== null && (!fetched.ok || fetched.value.state === "concluded");
  useEffect(() => setOver(isOverNow), [isOverNow]);
  return fetched;
}
