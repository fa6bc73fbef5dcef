import * as z from "zod";

/** Kinds of values that stand in control-plane.yaml and host.yaml. */
export const text = z.string().trim().min(1);
export const derivedText = text.nullable().default(null);
export const seconds = (initial: number) => z.number().positive().max(31_536_000).default(initial);
export const secondsOrNone = (initial: number) => z.number().nonnegative().max(31_536_000).default(initial);
export const wholeNumber = (initial: number, most: number) => z.number().int().positive().max(most).default(initial);
/** 0 switches off what the number limits. */
export const count = (initial: number, most: number) => z.number().int().nonnegative().max(most).default(initial);
export const derivedCount = (most: number) => z.number().int().nonnegative().max(most).nullable().default(null);
export const labelText = text.max(50).regex(/^[^,]*$/, "a label without commas");
export const label = (initial: string) => labelText.default(initial);

/** A section of the file; one that is missing or empty has the defaults of its keys. */
export const section = <T extends z.core.$ZodLooseShape>(shape: T) => z.strictObject(shape).prefault({} as never);
