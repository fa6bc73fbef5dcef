import type { Allowance, MachineDocument, ShownRuntime } from "../../documents/index.ts";
import type { Board } from "../board.ts";
import { FlowList } from "../lists/flow-list.tsx";
import { CooldownList, QuotaList } from "../lists/limit-list.tsx";
import { Meter } from "../parts/meter.tsx";
import { Section } from "../parts/section.tsx";
import { shownText } from "../parts/shown.tsx";
import { Ago, Since } from "../parts/times.tsx";
import { bytesText } from "../said-time.ts";

/** What is of no single profile. */
export function HostCards({ board: { host, machine } }: { readonly board: Board }) {
  if (host === null) return null;
  const { flows, providers, cooldowns, allowances, runtimes } = host;
  const others = cooldowns.filter(({ scope }) => !scope.startsWith("provider:"));
  return (
    <>
      {flows.length > 0 && (
        <Section id="flows" title="Flows" count={flows.length}>
          <FlowList of={flows} />
        </Section>
      )}
      {providers.length > 0 && (
        <Section id="limits" title="Providers' limits" count={providers.length}>
          <QuotaList of={providers} />
        </Section>
      )}
      {others.length > 0 && (
        <Section id="cooldowns" title="Cooldowns" count={others.length}>
          <CooldownList of={others} />
        </Section>
      )}
      {allowances.length > 0 && (
        <Section id="allowances" title="GitHub allowance">
          <ul class="gauges">
            {allowances.map((one) => (
              <AllowanceGauge key={`${one.credential} ${one.resource}`} {...{ one }} />
            ))}
          </ul>
        </Section>
      )}
      {machine && (
        <Section id="machine" title="Machine">
          <MachineGauges machine={machine} />
        </Section>
      )}
      {runtimes.length > 0 && (
        <Section id="runtimes" title="Runtimes" count={runtimes.length}>
          <ul class="limits">{runtimes.slice(0, 10).map(drawnRuntime)}</ul>
        </Section>
      )}
    </>
  );
}

function AllowanceGauge({ one: { credential, resource, limit, left, resetsAt } }: { readonly one: Allowance }) {
  const words = `${left.toLocaleString("en-US")} of ${limit.toLocaleString("en-US")} left`;
  return (
    <li>
      <p class="gauge-head">
        <span>
          {shownText(resource, 30)} <span class="hint">{shownText(credential, 40)}</span>
        </span>
        <span>{words}</span>
      </p>
      <Meter label={`GitHub ${shownText(resource, 30)}: taken`} value={limit - left} most={limit} />
      <p class="hint">
        anew <Ago at={resetsAt} />
      </p>
    </li>
  );
}

function MachineGauges({ machine: { cores, load, memory, disk } }: { readonly machine: MachineDocument }) {
  return (
    <ul class="gauges">
      <Gauge name="Load" words={`${load.toFixed(1)} on ${cores} cores`} value={load} most={cores} />
      <Gauge
        name="Memory"
        words={`${bytesText(memory.freeBytes)} free of ${bytesText(memory.totalBytes)}`}
        value={memory.totalBytes - memory.freeBytes}
        most={memory.totalBytes}
      />
      <Gauge
        name="Disk"
        words={`${bytesText(disk.freeBytes)} free of ${bytesText(disk.totalBytes)}`}
        value={disk.totalBytes - disk.freeBytes}
        most={disk.totalBytes}
      />
    </ul>
  );
}

interface GaugeProps {
  readonly name: string;
  readonly words: string;
  readonly value: number;
  readonly most: number;
}

function Gauge({ name, words, value, most }: GaugeProps) {
  return (
    <li>
      <p class="gauge-head">
        <span>{name}</span>
        <span class="hint">{words}</span>
      </p>
      <Meter label={`${name}: taken`} value={value} most={most} warn={0.85} bad={0.95} />
    </li>
  );
}

const drawnRuntime = ({ id, pid, host, state, alive, startedAt, lastSeenAt, profileIds }: ShownRuntime) => (
  <li key={id}>
    <p class="limit-head">
      <span class={`dot ${alive ? "good" : "bad"}`} aria-hidden="true" />
      <strong>{alive ? state : "gone"}</strong>
      <span class="hint">
        process {pid} on {shownText(host, 60)}
      </span>
    </p>
    <p class="hint">
      {alive ? (
        <>
          for <Since at={startedAt} />
        </>
      ) : (
        <>
          last seen <Ago at={lastSeenAt ?? startedAt} />
        </>
      )}
      {`: ${shownText(profileIds.join(", "), 120)}`}
    </p>
  </li>
);
