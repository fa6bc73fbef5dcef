import { servicesOf } from "../services/find-services.ts";
import { readServiceState } from "../services/read-service-state.ts";
import { theDashboard } from "../services/served.ts";
import type { Scope } from "./scope.ts";

/** An installed service of the operating system, and what is not well with it. */
export interface ServiceFacts {
  readonly name: string;
  readonly profileId: string | null;
  readonly lingers: boolean | null;
  readonly problems: readonly { readonly found: string; readonly fix: string; readonly command: string | null }[];
}

/** The one place where services come in: each entry reads those of one kind, and answers nothing where none is installed. */
export async function readServices(scope: Scope): Promise<readonly ServiceFacts[]> {
  return (await Promise.all(readers.map((read) => read(scope)))).flat();
}

const readers: readonly ((scope: Scope) => Promise<readonly ServiceFacts[]>)[] = [
  async ({ context, profileIds }) =>
    (await servicesOf(context, profileIds)).map((state) => ({ ...state, name: state.name ?? "service" })),
  async ({ context }) => {
    const state = await readServiceState(context, theDashboard);
    return state.installed ? [{ ...state, name: state.name ?? "service" }] : [];
  },
];
