/** Notices at the edge of the page. What they say is said by the live region, too. */
import { dismiss, hold, letGo, notices } from "../../state/notices.ts";
import { Icon } from "../Icon.tsx";
import { Words } from "../Words.tsx";
import { strings } from "../strings.ts";

export function Notices() {
  return (
    <div class="notices">
      {notices.value.map(({ id, text, kind, action }) => (
        <div
          key={id}
          class={`notice ${kind}`}
          onPointerEnter={() => hold(id)}
          onPointerLeave={({ currentTarget }) => !isHeld(currentTarget) && letGo(id)}
          onFocusCapture={() => hold(id)}
          onBlurCapture={({ currentTarget }) => !isHeld(currentTarget) && letGo(id)}
        >
          <span>
            <Words of={text} />
          </span>
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
          <button class="quiet" aria-label={strings.dismiss} title={strings.dismiss} onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}

/** Whether the focus or the pointer is in it. A finger that is gone leaves `:hover` behind. */
function isHeld(notice: Element): boolean {
  return notice.matches(":focus-within") || (matchMedia("(hover: hover)").matches && notice.matches(":hover"));
}
