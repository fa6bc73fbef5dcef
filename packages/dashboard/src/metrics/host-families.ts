import type { HostDocument, MachineDocument } from "../documents/index.ts";
import type { Family, Sample } from "./sample.ts";

/** Pure. What is counted of no single profile. */
export function hostFamilies(host: HostDocument): readonly Family[] {
  const { version, runtimes, allowances, cooldowns, providers, flows } = host;
  const total = (of: (flow: HostDocument["flows"][number]) => number) => flows.reduce((sum, flow) => sum + of(flow), 0);
  return [
    family("acp_info", "The version of the program that answers.", [one(1, { version })]),
    family("acp_runtimes", "Runtimes of this home that are alive.", [
      one(runtimes.filter(({ alive }) => alive).length),
    ]),
    family(
      "acp_github_allowance_left",
      "Requests left of GitHub's hourly allowance, as last told.",
      allowances.map((each) => one(each.left, credentialOf(each))),
    ),
    family(
      "acp_github_allowance_limit",
      "Requests of GitHub's hourly allowance.",
      allowances.map((each) => one(each.limit, credentialOf(each))),
    ),
    family(
      "acp_github_allowance_resets_timestamp_seconds",
      "When the allowance is whole again.",
      allowances.map((each) => one(each.resetsAt / 1000, credentialOf(each))),
    ),
    family(
      "acp_cooldown_until_timestamp_seconds",
      "Until when a forge asked to wait.",
      cooldowns.map(({ scope, until }) => one(until / 1000, { scope })),
    ),
    family(
      "acp_provider_limit_until_timestamp_seconds",
      "Until when a provider's limit holds; in force, or unproven once that has come.",
      providers.map(({ account, backend, model, window, state, resetAt }) =>
        one(resetAt / 1000, { account, backend, model, window, state }),
      ),
    ),
    family("acp_flows", "Flows under way.", [one(flows.length)]),
    family("acp_flow_tasks", "Tasks of flows under way.", [
      one(
        total(({ ended }) => ended),
        { state: "ended" },
      ),
      one(
        total(({ running }) => running),
        { state: "running" },
      ),
      one(
        total(({ asking }) => asking),
        { state: "asking" },
      ),
      one(
        total(({ tasks, ended, running, asking }) => Math.max(0, tasks - ended - running - asking)),
        { state: "waiting" },
      ),
    ]),
  ];
}

/** Pure. Of the machine; nothing while it was not looked at. */
export function machineFamilies(machine: MachineDocument | undefined): readonly Family[] {
  if (!machine) return [];
  const { cores, load, memory, disk } = machine;
  return [
    family("acp_machine_cores", "Cores of the machine.", [one(cores)]),
    family("acp_machine_load", "Its load of the last minute.", [one(load)]),
    family("acp_machine_memory_bytes", "Its memory.", spaceOf(memory)),
    family("acp_machine_disk_bytes", "The file system that holds the runtime home.", spaceOf(disk)),
  ];
}

const family = (name: string, help: string, samples: readonly Sample[]): Family => ({ name, help, samples });
const one = (value: number, labels: Sample["labels"] = {}): Sample => ({ labels, value });

const credentialOf = ({ credential, resource }: HostDocument["allowances"][number]) => ({ credential, resource });

const spaceOf = ({ totalBytes, freeBytes }: MachineDocument["disk"]): readonly Sample[] => [
  one(totalBytes, { of: "total" }),
  one(freeBytes, { of: "free" }),
];
