/** Before the first message: that an AI answers, where words go, which model it is, and the operator's own pages. */
import { answerer } from "../../state/config.ts";
import { links } from "../../text/links.ts";
import { strings } from "../strings.ts";

export function AiLine() {
  return (
    <p class="ai-line">
      {strings.aiNotice} · {strings.stored}
      {answerer.value && (
        <>
          {" · "}
          <bdi>{answerer.value}</bdi>
        </>
      )}
      {links.map(({ label, address }) => (
        <>
          {" · "}
          <a href={address} target="_blank">
            {label}
          </a>
        </>
      ))}
    </p>
  );
}
