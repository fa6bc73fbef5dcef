import { ForgeError, labelSpecs, type Profile, policyOf } from "@agent-control-plane/core";
import type { Operator } from "@agent-control-plane/reconcile";

/** Makes what the repository lacks of the profile's labels and answers their names. One that exists is never changed. */
export async function makeLabels(operator: Operator, profile: Profile): Promise<readonly string[]> {
  const made: string[] = [];
  for (const label of labelSpecs(policyOf(profile))) if (await ensure(operator, label)) made.push(label.name);
  return made;
}

/** A runtime that works there already may make the same one in the same moment. */
export async function ensure(
  operator: Pick<Operator, "ensureLabel">,
  label: { readonly name: string; readonly color: string; readonly description: string },
): Promise<boolean> {
  try {
    return await operator.ensureLabel(label);
  } catch (error) {
    if (error instanceof ForgeError && error.details.status === 422) return operator.ensureLabel(label);
    throw error;
  }
}
