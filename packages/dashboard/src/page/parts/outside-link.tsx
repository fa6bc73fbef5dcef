import { Icon } from "./icon.tsx";
import { shownText } from "./shown.tsx";

/** To a page of the forge. An address that is none of the web is shown as text. */
export function OutsideLink({ url, text }: { readonly url: string | null; readonly text: string }) {
  if (url === null || !/^https?:\/\//i.test(url)) return <span>{shownText(text, 200)}</span>;
  return (
    <a class="outside" href={url} target="_blank" rel="noreferrer noopener">
      {shownText(text, 200)}
      <Icon name="outside" />
      <span class="unseen"> (opens the forge)</span>
    </a>
  );
}
