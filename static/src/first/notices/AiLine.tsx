/** Before the first message: that an AI answers, which one, the operator's own pages, and where words go. */
import { answerer } from "../../state/config.ts";
import { links } from "../../text/links.ts";
import { strings } from "../strings.ts";

export function AiLine() {
  return (
    <p class="ai-line">
      {strings.aiNotice}
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
      <br />
      {strings.stored}
    </p>
  );
}
