/** Words of the page that quote a title: it is in a language and a direction of its own. */
import { tongueOf } from "../text/tongues.ts";

export function Words({ of }: { of: string }) {
  const [, before, quoted, after] = /^([^“]*“)(.*)(”[^”]*)$/s.exec(of) ?? [];
  if (!quoted) return <>{of}</>;
  return (
    <>
      {before}
      <bdi lang={tongueOf(quoted)}>{quoted}</bdi>
      {after}
    </>
  );
}
