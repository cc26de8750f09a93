/** One message and the state it is in. */
import { Markdown } from "./Markdown.tsx";
import { strings } from "./strings.ts";
import { explain } from "./wording.ts";
import type { ShownMessage } from "../state/message.ts";

export function Message({ message }: { message: ShownMessage }) {
  const isVisitor = message.role === "user";
  return (
    <article class={isVisitor ? "message mine" : "message"} aria-busy={message.status.value === "streaming"}>
      <h2 class="unseen">{isVisitor ? strings.you : strings.assistant}</h2>
      {isVisitor ? (
        <div class="bubble" dir="auto">
          {message.text.value}
        </div>
      ) : (
        <Markdown message={message} />
      )}
      <State message={message} />
    </article>
  );
}

function State({ message }: { message: ShownMessage }) {
  const problem = message.problem.value;
  switch (message.status.value) {
    case "complete":
      return null;
    case "streaming":
      if (message.text.value === "") return <Waiting />;
      return message.isOurs ? null : <p class="state">{strings.still}</p>;
    case "stopped":
      return <p class="state">{strings.stopped}</p>;
    case "interrupted":
      return <p class="state trouble">{problem ? explain(problem) : strings.interrupted}</p>;
    case "failed":
      return <p class="state trouble">{strings.failed}</p>;
  }
}

function Waiting() {
  return (
    <p class="waiting" role="img" aria-label={strings.thinking}>
      <i />
      <i />
      <i />
    </p>
  );
}
