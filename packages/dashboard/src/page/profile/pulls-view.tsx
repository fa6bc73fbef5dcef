import type { ProfileDocument, ShownPull } from "../../documents/index.ts";
import { matching } from "../matching.ts";
import { Badge, type Tone } from "../parts/badge.tsx";
import { Many } from "../parts/many.tsx";
import { OutsideLink } from "../parts/outside-link.tsx";
import { Nothing, Section } from "../parts/section.tsx";
import { Shown } from "../parts/shown.tsx";
import { SubjectLink } from "../parts/subject.tsx";
import { reasonText } from "../reasons.ts";
import type { ProfileRoute } from "./profile-page.tsx";

interface PullsViewProps {
  readonly profile: ProfileDocument;
  readonly route: ProfileRoute;
}

/** Open pull requests of ours: how risky, how checked, and what comes next. */
export function PullsView({ profile: { profileId, pulls, titles }, route }: PullsViewProps) {
  const fits = matching(route.query.q);
  const shown = pulls.filter(({ number, reason, detail, risk, checks }) =>
    fits(
      `#${number}`,
      `pr:${number}`,
      titles[`pr:${number}`],
      reason,
      reasonText(reason),
      detail,
      risk,
      `checks ${checks}`,
    ),
  );
  return (
    <Section id="pulls" title="Pull requests" count={shown.length}>
      {shown.length === 0 && (
        <Nothing>{pulls.length === 0 ? "No pull request of ours is open." : "Nothing fits the search."}</Nothing>
      )}
      <Many of={shown} what="pull requests">
        {(pull) => (
          <li class="row" key={pull.number}>
            <div class="row-main">
              <SubjectLink {...{ profileId }} subject={`pr:${pull.number}`} title={titles[`pr:${pull.number}`]} />
              <p class="row-sub">
                {reasonText(pull.reason)}
                {pull.detail !== "" && ": "}
                <Shown text={pull.detail} />
              </p>
            </div>
            <Facts pull={pull} />
          </li>
        )}
      </Many>
    </Section>
  );
}

const checkTones: Readonly<Record<ShownPull["checks"], Tone>> = {
  ...{ passed: "good", running: "run", failed: "bad", none: "off", unknown: "off" },
};

const checkWords: Readonly<Record<ShownPull["checks"], string>> = {
  ...{ passed: "checks passed", running: "checks run", failed: "checks failed", none: "no checks" },
  unknown: "checks not known",
};

function Facts({ pull: { risk, checks, url, headSha } }: { readonly pull: ShownPull }) {
  return (
    <p class="row-side row-facts">
      {risk !== null && <Badge tone={riskTone(risk)}>{risk === "low" ? "low risk" : risk.replaceAll("-", " ")}</Badge>}
      <Badge tone={checkTones[checks]}>{checkWords[checks]}</Badge>
      {headSha !== null && <code class="hint">{headSha.slice(0, 8)}</code>}
      {url !== null && <OutsideLink url={url} text="Open" />}
    </p>
  );
}

const riskTone = (risk: string): Tone => (risk === "low" ? "good" : risk.startsWith("critical") ? "bad" : "wait");
