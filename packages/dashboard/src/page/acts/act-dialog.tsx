import { useEffect, useRef, useState } from "preact/hooks";
import type { Fetched } from "../fetch-json.ts";
import { shownText } from "../parts/shown.tsx";
import { whyNot } from "./act-button.tsx";
import { actWords } from "./act-words.ts";
import "./acts.css";
import { type AskedAct, askedAct } from "./asked-act.ts";
import { useMe } from "./me.ts";
import { type Performed, performAct } from "./perform-act.ts";
import { useTold } from "./told.ts";

/** Asks whether an act is meant, does it, and says what came of it. One for the whole page. */
export function ActDialog() {
  const asked = useTold(askedAct);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (asked !== null) dialog.current?.showModal();
    else dialog.current?.close();
  }, [asked]);
  return (
    <dialog ref={dialog} class="help act-dialog" aria-labelledby="act-title" onClose={() => askedAct.tell(null)}>
      {asked !== null && <Asked key={`${asked.name} ${asked.title}`} asked={asked} />}
    </dialog>
  );
}

function Asked({ asked }: { readonly asked: AskedAct }) {
  const words = actWords[asked.name];
  const why = whyNot(useMe(), asked.name);
  const [added, setAdded] = useState("");
  const [isUnderWay, setUnderWay] = useState(false);
  const [ended, setEnded] = useState<Fetched<Performed> | null>(null);
  const act = async () => {
    setUnderWay(true);
    const said = added.trim() === "" || !words?.asksFor ? {} : { [words.asksFor]: added.trim() };
    setEnded(await performAct(asked.name, { ...asked.body, ...said }));
    setUnderWay(false);
  };
  const close = () => askedAct.tell(null);
  return (
    <>
      <h2 id="act-title">{asked.title}</h2>
      <p>{ended === null && (why ?? words?.meaning)}</p>
      {ended === null && why === null && words?.asksFor && <Added of={words.asksFor} onInput={setAdded} />}
      <Ending of={ended} />
      <div class="act-choices">
        <button type="button" class="button" onClick={close}>
          {ended !== null || why !== null ? "Close" : "Cancel"}
        </button>
        {ended === null && why === null && (
          <button type="button" class="button act-now" disabled={isUnderWay} onClick={() => void act()}>
            {isUnderWay ? "Asking…" : asked.label}
          </button>
        )}
      </div>
    </>
  );
}

function Added({ of, onInput }: { readonly of: "reason" | "comment"; readonly onInput: (text: string) => void }) {
  return (
    <label class="act-added">
      {of === "reason" ? "Why (for the log, may stay empty)" : "What to tell whoever goes on (may stay empty)"}
      <textarea rows={2} maxLength={2_000} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  );
}

/** Read out as it comes; the place for it is there before. */
function Ending({ of }: { readonly of: Fetched<Performed> | null }) {
  return (
    <p role="status" class={of === null || of.ok ? "act-ending" : "act-ending bad-text"}>
      {of !== null && shownText(of.ok ? of.value.message : `Not done. ${of.message}`, 1_000)}
    </p>
  );
}
