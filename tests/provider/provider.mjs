/**
 * An OpenID provider on loopback: `oidc-provider`, with its own pages to sign in and to call it off. It prints `ready http://…`, which is its issuer.
 *
 * `CALLBACKS`: where it may send browsers back to, between commas. Everybody may sign in, by any name and any password. The name is the subject; one with an `@` is
 * an address, too, of which the provider has made sure unless it begins with `unverified`. Who is called `lie.<claim>` gets an ID token in which that claim is another one.
 */
import { createServer } from "node:http";
import Provider, { interactionPolicy } from "oidc-provider";

const CLIENT = { client_id: "edgewise-test", client_secret: "a secret of the tests: & more" };

/** What is told in place of the truth. */
const LIES = {
  iss: () => "http://127.0.0.1:1",
  aud: () => "another-client",
  azp: () => "another-client",
  audiences: () => undefined,
  exp: () => seconds() - 3600,
  iat: () => seconds() - 3600,
  future: () => undefined,
  nonce: () => "another nonce",
  sub: () => "",
};

// A native client would be asked each time.
const policy = interactionPolicy.base();
policy.get("consent").checks.remove("native_client_prompt");

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  // A native client's way back may lead to any port of this machine.
  clients: [{ ...CLIENT, application_type: "native", redirect_uris: (process.env.CALLBACKS ?? "").split(",") }],
  interactions: { policy },
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  // As most do: what the scope asks for stands in the ID token.
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ["a key of the tests"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => claimsOf(id) }),
  // Nobody is asked what may be told.
  loadExistingGrant: async ({ oidc }) => {
    const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope("openid email");
    await grant.save();
    return grant;
  },
});

function claimsOf(id) {
  return { sub: id, ...(id.includes("@") && { email: id, email_verified: !id.startsWith("unverified") }) };
}

function seconds() {
  return Math.floor(Date.now() / 1000);
}

provider.use(async (ctx, next) => {
  await next();
  if (ctx.path !== "/token" || !ctx.body?.id_token) return;
  const [head, claims, signature] = ctx.body.id_token.split(".");
  const told = JSON.parse(Buffer.from(claims, "base64url").toString());
  const [, about] = /^lie\.(\w+)/.exec(told.sub) ?? [];
  if (!about) return;
  if (about === "audiences") told.aud = [told.aud, "another-client"];
  else if (about === "future") told.iat = seconds() + 3600;
  else told[about] = LIES[about]();
  const lie = Buffer.from(JSON.stringify(told)).toString("base64url");
  ctx.body = { ...ctx.body, id_token: [head, lie, signature].join(".") };
});

server.on("request", provider.callback());
console.log(`ready ${issuer}`);
