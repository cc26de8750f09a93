/** Authenticators that Chromium plays, by its own protocol: each keeps its passkeys and is unlocked, or not. */
import type { CDPSession, Page } from "@playwright/test";

/** All of one page's. */
export class Authenticators {
  private constructor(private readonly session: CDPSession) {}

  static async of(page: Page): Promise<Authenticators> {
    const session = await page.context().newCDPSession(page);
    await session.send("WebAuthn.enable");
    return new Authenticators(session);
  }

  /** One of the device itself, or one that is plugged in. Whoever is asked for is there, and is the owner. */
  async add(transport: "internal" | "usb"): Promise<Authenticator> {
    const options = {
      protocol: "ctap2",
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    } as const;
    const { authenticatorId } = await this.session.send("WebAuthn.addVirtualAuthenticator", { options });
    return new Authenticator(this.session, authenticatorId);
  }
}

export class Authenticator {
  constructor(
    private readonly session: CDPSession,
    private readonly authenticatorId: string,
  ) {}

  /** Whether somebody is there who unlocks it. */
  async isAttended(enabled: boolean): Promise<void> {
    const { session, authenticatorId } = this;
    await session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled });
  }

  /** Whether that is its owner. */
  async isOwners(isUserVerified: boolean): Promise<void> {
    await this.session.send("WebAuthn.setUserVerified", { authenticatorId: this.authenticatorId, isUserVerified });
  }

  async passkeys() {
    const { authenticatorId } = this;
    return (await this.session.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  }

  async lose(): Promise<void> {
    await this.session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: this.authenticatorId });
  }
}
