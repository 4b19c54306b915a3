// An OpenID provider with which a person signs in: any name is an account, and any password is
// right. Arguments: its port, and the files with the certificate and the key of its TLS.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import Provider from "oidc-provider";

const [port, certificate, key] = process.argv.slice(2);
const provider = new Provider(`https://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "sigstore",
      application_type: "native",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
      response_types: ["code"],
      redirect_uris: ["http://127.0.0.1/auth/callback"],
    },
  ],
  // Into the token itself: Fulcio asks nobody else.
  conformIdTokenClaims: false,
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id, email_verified: !id.startsWith("unverified") }),
  }),
  features: { deviceFlow: { enabled: true } },
  pkce: { required: () => true },
  ttl: { IdToken: 120, DeviceCode: 120 },
});
createServer(
  { cert: readFileSync(certificate), key: readFileSync(key) },
  provider.callback(),
).listen(Number(port), "127.0.0.1");
