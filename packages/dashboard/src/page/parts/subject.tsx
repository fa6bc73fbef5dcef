import { hashOf } from "../routes.ts";
import { Shown, shownText } from "./shown.tsx";

interface SubjectProps {
  readonly profileId: string;
  readonly subject: string;
  readonly title?: string | undefined;
  /** Where several profiles stand together. */
  readonly withProfile?: boolean;
}

/** An issue or pull request by name and title, as a link to all that is known of it. */
export function SubjectLink({ profileId, subject, title = "", withProfile = false }: SubjectProps) {
  const { name, href } = named(profileId, subject);
  const words = (
    <>
      {withProfile && <span class="of-profile">{shownText(profileId, 60)}</span>}
      <span class="subject">{shownText(name, 80)}</span>
      {title !== "" && (
        <span class="subject-title">
          <Shown text={title} most={200} />
        </span>
      )}
    </>
  );
  if (href === null) return <span class="subject-link">{words}</span>;
  return (
    <a class="subject-link" data-row href={href}>
      {words}
    </a>
  );
}

/** `issue:12`, `pr:13`, `outbox:7`; anything else is shown as it is, and leads nowhere. */
function named(profileId: string, subject: string): { readonly name: string; readonly href: string | null } {
  const [kind, number = ""] = subject.split(":");
  if (kind === "outbox")
    return { name: `Write ${number}`, href: hashOf({ page: "profile", profileId }, { view: "outbox" }) };
  if (kind !== "issue" && kind !== "pr") return { name: subject, href: null };
  return { name: `${kind === "pr" ? "PR " : ""}#${number}`, href: hashOf({ page: "item", profileId, subject }) };
}
