import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { signKeyless } from '../../src/sign/sigstore.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { pipelineToken, sigstoreInstance } from '../support/sigstore.ts';
import { scratch } from '../support/workspace.ts';

/* Judges of others: cosign and sigstore-python, each with the trusted root of an instance of this test's own. */

const IDENTITY = 'https://github.com/example/claims/.github/workflows/release.yml@refs/heads/main';
const ISSUER = 'https://token.example.org';
const STATEMENT = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'assessment.json', digest: { sha256: 'a'.repeat(64) } }],
  predicateType: 'urn:probity:attestation:assurance-pack:v1',
  predicate: { asOf: '2026-09-30' },
};

/** Protobuf's JSON leaves out a position of zero and an empty path, which this reader asks for. */
const PYTHON = `import json, sys
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy
document = json.load(open(sys.argv[1]))
for entry in document['verificationMaterial']['tlogEntries']:
    entry['inclusionProof'].setdefault('logIndex', '0')
    entry['inclusionProof'].setdefault('hashes', [])
verifier = Verifier(trusted_root=TrustedRoot.from_file(sys.argv[2]))
kind, payload = verifier.verify_dsse(Bundle.from_json(json.dumps(document)), policy.Identity(identity=sys.argv[3], issuer=sys.argv[4]))
print(kind, json.loads(payload)['predicate']['asOf'])
`;

async function made(): Promise<{ bundle: string; root: string; folder: string }> {
  const folder = scratch();
  const instance = await sigstoreInstance();
  process.env.SIGSTORE_ID_TOKEN = pipelineToken(IDENTITY);
  try {
    const bytes = await signKeyless(Buffer.from(JSON.stringify(STATEMENT)), {
      fulcioUrl: instance.url,
      rekorUrl: instance.url,
    });
    const bundle = path.join(folder, 'attestation.sigstore.json');
    const root = path.join(folder, 'trusted_root.json');
    writeFileSync(bundle, bytes);
    writeFileSync(root, instance.trustedRoot);
    return { bundle, root, folder };
  } finally {
    delete process.env.SIGSTORE_ID_TOKEN;
    instance.close();
  }
}

test('cosign verifies the bundle, and refuses another identity', async (t) => {
  if (!judgeHere('cosign', t)) return;
  const { bundle, root, folder } = await made();
  const blob = path.join(folder, 'blob');
  writeFileSync(blob, 'any');
  const verify = (identity: string) =>
    ask('cosign', [
      'verify-blob-attestation',
      '--bundle',
      bundle,
      '--trusted-root',
      root,
      '--certificate-identity',
      identity,
      '--certificate-oidc-issuer',
      ISSUER,
      '--type',
      STATEMENT.predicateType,
      '--check-claims=false',
      blob,
    ]);
  const yes = await verify(IDENTITY);
  assert.equal(yes.code, 0, yes.text);
  assert.match(yes.text, /Verified OK/);
  assert.notEqual((await verify('https://github.com/example/other')).code, 0);
});

test('sigstore-python verifies the bundle, and refuses another provider', async (t) => {
  if (!judgeHere('sigstorePython', t)) return;
  const { bundle, root, folder } = await made();
  const script = path.join(folder, 'verify.py');
  writeFileSync(script, PYTHON);
  const yes = await ask('sigstorePython', [script, bundle, root, IDENTITY, ISSUER]);
  assert.equal(yes.code, 0, yes.text);
  assert.match(yes.text, /application\/vnd\.in-toto\+json 2026-09-30/);
  assert.notEqual((await ask('sigstorePython', [script, bundle, root, IDENTITY, 'https://other.example.org'])).code, 0);
});
