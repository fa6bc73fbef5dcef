import type { ComponentChildren } from "preact";
import type { ProfileDocument } from "../../documents/index.ts";
import { ActButton } from "../acts/act-button.tsx";
import { Shown } from "../parts/shown.tsx";
import { Ago, Since } from "../parts/times.tsx";
import { Command } from "../parts/what-to-do.tsx";
import { reasonText } from "../reasons.ts";
import { tickOf } from "./profile-head.tsx";

/** What keeps a profile from working as it should: pauses, problems in its file, a forge that does not answer. */
export function ProfileNotices({ profile }: { readonly profile: ProfileDocument }) {
  const { profileId, running, pauses, problemTexts, problems, rules, lastTick } = profile;
  const { error, forge, forgeDetail } = tickOf(lastTick);
  return (
    <>
      {pauses.map(({ scope, actor, reason, at }) => (
        <Notice key={scope} tone="wait" title={scope === "*" ? "All profiles are paused" : "Paused"}>
          <p>
            By <Shown text={actor} most={80} />, <Ago at={at} />: <Shown text={reason} />
          </p>
          <p>
            <Command
              text={scope === "*" ? "acp runtime resume --all" : `acp runtime resume --profile-id ${profileId}`}
            />{" "}
            <ActButton name="resume" body={{ profile: scope }} about={scope === "*" ? "all profiles" : scope} />
          </p>
        </Notice>
      ))}
      {error !== null && (
        <Notice tone="bad" title="The last look failed">
          <Shown text={error} most={1_000} />
        </Notice>
      )}
      {running && forge !== null && (
        <Notice tone="wait" title={`GitHub was not looked at: ${reasonText(forge)}`}>
          {forgeDetail && <Shown text={forgeDetail} most={1_000} />}
        </Notice>
      )}
      {rules !== null && rules.problems.length > 0 && (
        <Notice tone="wait" title="Its file was changed and is not followed as it stands">
          {rules.since !== null && (
            <p class="hint">
              for <Since at={rules.since} />
            </p>
          )}
          <Texts of={rules.problems} />
        </Notice>
      )}
      {problemTexts.length > 0 && (
        <Notice tone="bad" title={problems === 1 ? "A problem in its file" : `${problems} problems in its file`}>
          <Texts of={problemTexts} />
        </Notice>
      )}
    </>
  );
}

interface NoticeProps {
  readonly tone: "wait" | "bad";
  readonly title: string;
  readonly children: ComponentChildren;
}

const Notice = ({ tone, title, children }: NoticeProps) => (
  <section class={`card notice ${tone}`}>
    <h2>{title}</h2>
    <div>{children}</div>
  </section>
);

const Texts = ({ of }: { readonly of: readonly string[] }) => (
  <ul class="texts">
    {of.slice(0, 20).map((text) => (
      <li key={text}>
        <Shown text={text} most={600} />
      </li>
    ))}
  </ul>
);
