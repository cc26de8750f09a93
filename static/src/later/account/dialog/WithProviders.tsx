/** What is shown where visitors may come in through providers, once it is known that there are any. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { readConfig } from "../../../api/config.ts";
import type { Provider } from "../../../api/types.ts";

export function WithProviders({ show }: { show: (providers: Provider[]) => ComponentChildren }) {
  const known = useSignal<Provider[]>([]);
  useEffect(() => {
    // The other ways in are there all the same; a server that is older than this page knows of nobody.
    readConfig().then(
      ({ features }) => (known.value = features?.providers ?? []),
      () => undefined,
    );
  }, []);
  return <>{known.value.length > 0 && show(known.value)}</>;
}
