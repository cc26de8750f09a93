/** Addresses of scripts, where the page's policy wants to know whose they are: https://w3c.github.io/trusted-types/ */

/** What TypeScript's DOM library does not know yet. */
interface WithTrustedTypes {
  trustedTypes?: {
    createPolicy: (
      name: string,
      rules: { createScriptURL: () => string },
    ) => { createScriptURL: (url: string) => string };
  };
}

/** `address` as a browser takes it, by a policy of that name, which knows this address only. The page may make each policy once. */
export function trustedAddress(policy: string, address: string): string {
  const made = (window as WithTrustedTypes).trustedTypes?.createPolicy(policy, { createScriptURL: () => address });
  return made?.createScriptURL(address) ?? address;
}
