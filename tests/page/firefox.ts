/**
 * Debian's Firefox under Playwright, which speaks WebDriver BiDi with it, and what stands in the way of that in Playwright 1.65 and
 * Firefox 153.
 */
import type { Browser } from "@playwright/test";

/** The session of BiDi behind a browser or a page. */
interface Session {
  send(this: Session, method: string, params?: unknown): Promise<unknown>;
}

/** Playwright's own side of a browser, in the same process; there is no public way to it. */
interface WithConnection {
  _connection: { toImpl(browser: Browser): { _browserSession: Session } };
}

/** Makes a just launched Firefox one that can be driven. */
export function makeDrivable(browser: Browser): void {
  doWithoutMediaFeatures(browser);
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await newContext(options);
    await context.addInitScript(hideReflectedElements);
    return context;
  };
}

/** Each context begins with this command, which Firefox learned only after 153: one that does not know it keeps its own colours. */
const MEDIA_FEATURES = "emulation.setMediaFeaturesOverride";

function doWithoutMediaFeatures(browser: Browser): void {
  const { _browserSession } = (browser as unknown as WithConnection)._connection.toImpl(browser);
  // All sessions, those of pages too.
  const sessions = Object.getPrototypeOf(_browserSession) as Session;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the same `this` below
  const { send } = sessions;
  sessions.send = async function (method, params) {
    try {
      return await send.call(this, method, params);
    } catch (thrown) {
      if (method === MEDIA_FEATURES && String(thrown).includes("unknown command")) return {};
      throw thrown;
    }
  };
}

/**
 * `ariaLabelledByElements` and the like: once Playwright has read them in its own world, a script of the page that reads them ends
 * the process of Firefox 153 (axe does, and `evaluateAll`). The page itself never does.
 */
function hideReflectedElements(): void {
  for (const name of Object.getOwnPropertyNames(Element.prototype))
    if (/^aria\w+Elements?$/.test(name)) Reflect.deleteProperty(Element.prototype, name);
}
