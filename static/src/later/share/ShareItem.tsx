/** One link: its address, until when it is good, and what can be done with it. */
import { useRef } from "preact/hooks";
import type { Share } from "../../api/types.ts";
import type { Page } from "../session/page.ts";
import { isCopied } from "../../browser/clipboard.ts";
import { strings } from "../../first/strings.ts";
import { locale } from "../../browser/language.ts";
import { words } from "./strings.ts";

const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

interface Props {
  page: Page;
  share: Share;
  address: string | null;
  /** Whether it is one to the chat that the dialog is about. */
  isOwn: boolean;
  isBusy: boolean;
  onUpdate: (() => void) | null;
  onRevoke: () => void;
  onCopied: (text: string) => void;
}

export function ShareItem({ page, share, address, isOwn, isBusy, onUpdate, onRevoke, onCopied }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const title = share.title ?? strings.untitled;
  const copy = async () => {
    const copied = await isCopied(address ?? "");
    if (!copied) field.current?.select();
    onCopied(copied ? words.copied : words.notCopied);
  };
  const made = words.made(date.format(new Date(share.created_at)));
  return (
    <li>
      {!isOwn && (
        <p class="share-title" dir="auto">
          <page.Words of={title} />
        </p>
      )}
      {address === null ? (
        <p class="hint">{words.lost}</p>
      ) : (
        <div class="share-link">
          <input ref={field} readOnly value={address} aria-label={words.link} onFocus={() => field.current?.select()} />
          <button onClick={() => void copy()}>{words.copy}</button>
        </div>
      )}
      <p class="hint">
        {share.expires_at === null ? made : `${made}, ${words.endsAt(date.format(new Date(share.expires_at)))}`}
      </p>
      <div class="share-acts">
        {onUpdate && (
          <button aria-disabled={isBusy} onClick={onUpdate}>
            {words.update}
          </button>
        )}
        <button aria-disabled={isBusy} aria-label={isOwn ? words.revoke : words.revokeWhich(title)} onClick={onRevoke}>
          {words.revoke}
        </button>
      </div>
    </li>
  );
}
