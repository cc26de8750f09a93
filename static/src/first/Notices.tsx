/** Notices at the foot of the page. */
import { dismiss, notices } from "../state/notices.ts";
import { Icon } from "./Icon.tsx";
import { strings } from "./strings.ts";

export function Notices() {
  return (
    <div class="notices" role="status">
      {notices.value.map(({ id, text, kind, action }) => (
        <div key={id} class={`notice ${kind}`}>
          <span>{text}</span>
          {action && (
            <button
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <button class="quiet" aria-label={strings.dismiss} onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
