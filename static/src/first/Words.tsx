/** Words of the page that quote a title: it is in a language and a direction of its own. */
import { quotes } from "../text/isolated.ts";
import { tongueOf } from "../text/tongues.ts";

export function Words({ of }: { of: string }) {
  const { open, close } = quotes;
  const [start, end] = [of.indexOf(open) + open.length, of.lastIndexOf(close)];
  if (start < open.length || end <= start) return <>{of}</>;
  const quoted = of.slice(start, end);
  return (
    <>
      {of.slice(0, start)}
      <bdi lang={tongueOf(quoted)}>{quoted}</bdi>
      {of.slice(end)}
    </>
  );
}
