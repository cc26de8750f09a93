/** What stands in two bars: below the list while chats are selected, and above the chat beside its title. */
import { render } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { Page } from "./page.ts";
import { SelectionBar } from "./SelectionBar.tsx";
import { TitleMenu } from "./TitleMenu.tsx";

export function Bars({ page }: { page: Page }) {
  useLayoutEffect(() => {
    // The page never draws behind the title itself: it puts what it has there before this.
    const host = document.createElement("div");
    host.className = "title-menu";
    document.querySelector(".bar h1")?.after(host);
    render(<TitleMenu page={page} />, host);
    return () => {
      render(null, host);
      host.remove();
    };
  }, []);
  return <SelectionBar page={page} />;
}
