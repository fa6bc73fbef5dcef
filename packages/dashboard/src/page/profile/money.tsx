import type { ProfileDocument } from "../../documents/index.ts";
import { Meter } from "../parts/meter.tsx";
import { countText, moneyText } from "../said-time.ts";
import { publishedText } from "../words.ts";

/** What was spent and published since the day began. */
export function Money({ profile: { spend, publishedToday } }: { readonly profile: ProfileDocument }) {
  const { today, limit } = spend;
  const published = Object.entries(publishedToday).sort(([, a], [, b]) => b - a);
  return (
    <ul class="gauges">
      <li>
        <p class="gauge-head">
          <span>Spent</span>
          <span>
            {moneyText(today.usd)}
            {limit.usd !== null && <span class="hint"> of {moneyText(limit.usd)}</span>}
          </span>
        </p>
        {limit.usd !== null && (
          <Meter label="Part of the day's money that is spent" value={today.usd} most={limit.usd} />
        )}
      </li>
      <li>
        <p class="gauge-head">
          <span>Tokens</span>
          <span>
            {countText(today.tokens)}
            {limit.tokens !== null && <span class="hint"> of {countText(limit.tokens)}</span>}
          </span>
        </p>
        {limit.tokens !== null && (
          <Meter label="Part of the day's tokens that are spent" value={today.tokens} most={limit.tokens} />
        )}
      </li>
      <li>
        <p class="gauge-head">
          <span>Published</span>
          <span class="hint">
            {published.length === 0
              ? "nothing yet"
              : published.map(([kind, count]) => publishedText(kind, count)).join(", ")}
          </span>
        </p>
      </li>
    </ul>
  );
}
