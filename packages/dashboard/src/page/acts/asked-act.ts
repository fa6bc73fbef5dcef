import { Told } from "./told.ts";

/** An act that a person has asked for and not confirmed yet. */
export interface AskedAct {
  readonly name: string;
  readonly body: { readonly [field: string]: string | number };
  /** As its button says: `Pause`. */
  readonly label: string;
  /** `Pause: web`. */
  readonly title: string;
}

/** One at a time, for the one dialog of the page: the row it was asked in may be gone before the answer comes. */
export const askedAct = new Told<AskedAct | null>(null);
