import { Gauge, Registry } from "prom-client";
import type { BrokenProfile, HostDocument, MachineDocument, ProfileDocument } from "../documents/index.ts";
import type { Documents } from "../live/document.ts";
import { hostFamilies, machineFamilies } from "./host-families.ts";
import { profileFamilies } from "./profile-families.ts";
import type { Family } from "./sample.ts";

export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

/** The documents as Prometheus reads them. Made anew each time, so that what is gone is gone. */
export async function metricsText(documents: Documents): Promise<MetricsText> {
  const registry = new Registry();
  for (const family of familiesOf(documents)) add(registry, family);
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** Pure. Every family there is, those without a sample, too. */
export function familiesOf(documents: Documents): readonly Family[] {
  const profiles = [...documents].flatMap(([key, document]) =>
    key.startsWith("profile:") ? [document as unknown as ProfileDocument | BrokenProfile] : [],
  );
  return [
    ...hostFamilies(documents.get("host") as unknown as HostDocument),
    ...profileFamilies(profiles),
    ...machineFamilies(documents.get("machine") as unknown as MachineDocument | undefined),
  ];
}

function add(registry: Registry, { name, help, samples }: Family): void {
  const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))];
  const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
  // One without labels begins with a zero that nobody said.
  gauge.reset();
  if (labelNames.length === 0 && samples.length === 0) gauge.remove();
  for (const { labels, value } of samples) gauge.set({ ...labels }, value);
}
