import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { signKeyless } from '../../src/sign/sigstore.ts';
import { loadKeylessRoot, verifyKeyless } from '../../src/verify/sigstore.ts';
import { pipelineToken, sigstoreInstance } from '../support/sigstore.ts';
import { scratch } from '../support/workspace.ts';

/* Who signed keyless is compared to the letter: the library that checks the rest would take an identity for a pattern. */

const IDENTITY = 'https://github.com/example/claims/.github/workflows/release.yml@refs/heads/main';
const ISSUER = 'https://token.example.org';

test('a bundle holds for its identity, its provider, its root and its statement, and for no other', async () => {
  const folder = scratch();
  const [own, strange] = [await sigstoreInstance(), await sigstoreInstance()];
  try {
    const rootOf = async (name: string, text: string) => {
      const file = path.join(folder, name);
      writeFileSync(file, text);
      return loadKeylessRoot(file);
    };
    const root = await rootOf('own.json', own.trustedRoot);
    const other = await rootOf('strange.json', strange.trustedRoot);
    process.env.SIGSTORE_ID_TOKEN = pipelineToken(IDENTITY);
    const statement = Buffer.from('{"_type":"https://in-toto.io/Statement/v1"}');
    const made = await signKeyless(statement, { fulcioUrl: own.url, rekorUrl: own.url });
    const text = Buffer.from(made).toString('utf8');
    const yes = await verifyKeyless(text, { identity: IDENTITY, issuer: ISSUER, root });
    assert.deepEqual(yes.problems, []);
    assert.equal(yes.payload, statement.toString('base64'));
    assert.equal(yes.signatures[0]?.trusted, true);
    assert.equal((await verifyKeyless(text, undefined)).signatures[0]?.trusted, false);
    for (const policy of [
      { identity: '.*', issuer: ISSUER, root },
      { identity: '', issuer: ISSUER, root },
      { identity: IDENTITY.slice(0, -1), issuer: ISSUER, root },
      { identity: `^${IDENTITY}$`, issuer: ISSUER, root },
      { identity: IDENTITY, issuer: `${ISSUER}/`, root },
      { identity: IDENTITY, issuer: ISSUER, root: other },
    ]) {
      const no = await verifyKeyless(text, policy);
      assert.equal(no.problems.length, 1, JSON.stringify([policy.identity, policy.issuer]));
      assert.ok(no.signatures.every(({ trusted, integrity }) => !trusted && !integrity));
      assert.equal(no.payload, undefined);
    }
    const bundle = JSON.parse(text);
    bundle.dsseEnvelope.payload = Buffer.from('{"_type":"other"}').toString('base64');
    for (const policy of [undefined, { identity: IDENTITY, issuer: ISSUER, root }])
      assert.match((await verifyKeyless(JSON.stringify(bundle), policy)).problems.join(), /changed after signing/);
  } finally {
    delete process.env.SIGSTORE_ID_TOKEN;
    own.close();
    strange.close();
  }
});
