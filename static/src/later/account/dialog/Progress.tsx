/** Says that something is being done, and what. Nobody knows for how long: the bar only moves. */
export function Progress({ isBusy, words }: { isBusy: boolean; words: string }) {
  return (
    <div class="account-progress" role="status">
      {isBusy && (
        <>
          <progress aria-hidden="true" />
          <span class="hint">{words}</span>
        </>
      )}
    </div>
  );
}
