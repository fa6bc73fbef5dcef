import type { ProfileDocument } from "../../documents/index.ts";
import { Meter } from "../parts/meter.tsx";
import { Nothing } from "../parts/section.tsx";
import { laneText } from "../words.ts";

/** How much room there is, and in which lanes something runs or waits. */
export function LaneList({ profile: { room, lanes } }: { readonly profile: ProfileDocument }) {
  return (
    <ul class="gauges">
      <li>
        <p class="gauge-head">
          <span>Sessions</span>
          <span>
            {room.running}
            {room.most !== null && <span class="hint"> of {room.most}</span>}
          </span>
        </p>
        {room.most !== null && (
          <Meter label="Room for sessions that is taken" value={room.running} most={room.most} warn={2} bad={2} />
        )}
      </li>
      {lanes.length === 0 && (
        <li>
          <Nothing>All lanes are empty.</Nothing>
        </li>
      )}
      {lanes.map(({ lane, running, waiting }) => (
        <li key={lane}>
          <p class="gauge-head">
            <span>{laneText(lane)}</span>
            <span class="hint">
              {running} running, {waiting} waiting
            </span>
          </p>
        </li>
      ))}
    </ul>
  );
}
