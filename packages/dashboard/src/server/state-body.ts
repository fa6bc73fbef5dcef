import type { HostDocument, MachineDocument, ProfileAnswer } from "../documents/index.ts";
import { documentText } from "../live/document-text.ts";
import type { State } from "../live/live-state.ts";

/** What `/api/v1/state` answers, and the stream's `state`. */
export interface StateAnswer {
  /** What comes after it is followed with `/api/v1/events?after=<id>`. */
  readonly id: string;
  /** By key: `host`, `machine`, `profile:<id>`. */
  readonly documents: { readonly [key: string]: HostDocument | MachineDocument | ProfileAnswer };
}

/** `{"id": "...", "documents": {"host": {...}, "profile:web": {...}}}` */
export function stateBody({ id, documents }: State): string {
  const members = [...documents].map(([key, document]) => `${JSON.stringify(key)}:${documentText(document)}`);
  return `{"id":${JSON.stringify(id)},"documents":{${members.join(",")}}}`;
}
