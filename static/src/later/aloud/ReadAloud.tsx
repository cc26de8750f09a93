/** Has the browser read out an answer, as it is seen. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { notify } from "../../state/notices.ts";
import { load, store } from "../../state/storage.ts";
import { speakable } from "./speakable.ts";
import { words } from "./strings.ts";
import { goOn, pause, read, reading, stop, voiceFor } from "./voice.ts";
import "./aloud.css";

export interface Props {
  /** Of the answer. */
  id: string;
}

export function ReadAloud({ id }: Props) {
  const group = useRef<HTMLSpanElement>(null);
  const mine = reading.value?.id === id ? reading.value : null;
  const isRead = mine !== null;
  // Who leaves the answer wants no voice of it.
  useEffect(
    () => () => {
      if (reading.peek()?.id === id) stop();
    },
    [id],
  );
  // The focus stays where it was, whichever button is there now.
  const wasClicked = useRef(false);
  useLayoutEffect(() => {
    if (wasClicked.current) group.current?.querySelector("button")?.focus({ preventScroll: true });
    wasClicked.current = false;
  }, [isRead, mine?.isPaused]);

  const begin = () => {
    const prose = group.current?.closest("article")?.querySelector(".prose");
    const text = prose ? speakable(prose, words.instead, navigator.languages) : [];
    const [first] = text;
    if (!first) {
      notify({ kind: "done", text: words.nothing });
      return;
    }
    const isHere = text.every(({ lang }) => voiceFor(lang)?.localService === true);
    tellOnce(isHere ? "here" : "elsewhere");
    read(id, text, (fault) => notify({ kind: "problem", text: words[fault] }));
  };

  return (
    <span class={isRead ? "aloud on" : "aloud"} ref={group} onClickCapture={() => (wasClicked.current = true)}>
      {!isRead && (
        <Button
          key="read"
          name={words.read}
          path="M3.5 8v4h3l4 3.5v-11l-4 3.5zM13.5 7.5a3.5 3.5 0 0 1 0 5"
          onClick={begin}
        />
      )}
      {isRead && !mine.isPaused && <Button key="pause" name={words.pause} path="M7 5v10M13 5v10" onClick={pause} />}
      {isRead && mine.isPaused && <Button key="on" name={words.goOn} path="M6.5 4.5v11l9-5.5z" onClick={goOn} />}
      {isRead && <Button key="stop" name={words.stop} path="M6 6h8v8H6z" onClick={stop} />}
    </span>
  );
}

function Button({ name, path, onClick }: { name: string; path: string; onClick: () => void }) {
  return (
    <button class="quiet" aria-label={name} title={name} onClick={onClick}>
      <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
        <path d={path} />
      </svg>
    </button>
  );
}

/** Says where the voice is made, once for each place. */
function tellOnce(where: "here" | "elsewhere"): void {
  const told = load("aloud")?.split(" ") ?? [];
  if (told.includes(where)) return;
  store("aloud", [...told, where].join(" "));
  notify({ kind: "done", text: words[where] });
}
