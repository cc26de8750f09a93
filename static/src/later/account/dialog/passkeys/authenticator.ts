/** Passkeys as the browser has them: whether it can, and what comes of asking for one. What is asked and answered is WebAuthn's JSON, as the server speaks it. */
import { Problem, type ProblemCode } from "../../../../api/problem.ts";
import type { MadePasskey, PasskeyOptions, SignedPasskey } from "../../../../api/types.ts";

type Creation = NonNullable<PasskeyOptions["create"]>;
type Request = NonNullable<PasskeyOptions["get"]>;

/** Whether this browser can make and use passkeys by what the server says. Pages that are not secure have none. */
export function hasAuthenticators(): boolean {
  return (
    typeof PublicKeyCredential === "function" &&
    "parseCreationOptionsFromJSON" in PublicKeyCredential &&
    "parseRequestOptionsFromJSON" in PublicKeyCredential &&
    "toJSON" in PublicKeyCredential.prototype
  );
}

/** Whether it offers them among the names that it fills in. */
export async function canFillIn(): Promise<boolean> {
  if (!hasAuthenticators() || !("isConditionalMediationAvailable" in PublicKeyCredential)) return false;
  return PublicKeyCredential.isConditionalMediationAvailable().catch(() => false);
}

/** Makes a passkey. */
export async function make(options: Creation, halt: AbortSignal): Promise<MadePasskey> {
  const made = await asked(options.timeout, halt, () => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
      options as unknown as PublicKeyCredentialCreationOptionsJSON,
    );
    return navigator.credentials.create({ publicKey, signal: halt });
  });
  return made as MadePasskey;
}

/** Has one sign. `mediation`: `conditional`, where it waits until the visitor chooses one for the name. */
export async function use(
  options: Request,
  halt: AbortSignal,
  mediation: CredentialMediationRequirement = "required",
): Promise<SignedPasskey> {
  const signed = await asked(options.timeout, halt, () => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return navigator.credentials.get({ publicKey, signal: halt, mediation });
  });
  return signed as SignedPasskey;
}

async function asked(timeout: number, halt: AbortSignal, ask: () => Promise<Credential | null>): Promise<unknown> {
  if (!hasAuthenticators()) throw new Problem({ code: "passkeys_unsupported" });
  const began = performance.now();
  try {
    const credential = await ask();
    return (credential as PublicKeyCredential | null)?.toJSON();
  } catch (thrown) {
    if (halt.aborted) throw thrown;
    const isLate = performance.now() - began >= timeout;
    throw new Problem({ code: codeOf((thrown as Error).name, isLate) ?? "passkey_failed" });
  }
}

/** What the browser's names mean (WebAuthn §5.1.3, §5.1.4). One name stands for all that nobody else may know: there is none, it was left, time was up. */
function codeOf(name: string, isLate: boolean): ProblemCode | undefined {
  const codes: Record<string, ProblemCode> = {
    NotAllowedError: isLate ? "passkey_late" : "passkey_cancelled",
    InvalidStateError: "passkey_known",
    ConstraintError: "passkey_unfit",
    NotSupportedError: "passkey_unfit",
    SecurityError: "passkey_elsewhere",
  };
  return codes[name];
}
