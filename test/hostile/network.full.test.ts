import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import test, { after } from 'node:test';
import { PDFDocument } from '@cantoo/pdf-lib';
import { exchange } from '../../src/pki/net.ts';
import { sealPdf } from '../../src/sign/pdf/seal.ts';
import { startAuthority } from '../support/authority.ts';
import { judgeHere } from '../support/judges.ts';
import { scratch } from '../support/workspace.ts';

/* Requests go to what the user named, and to nothing that the answer names. */

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function sendOn(status: number, to: string) {
  return (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, { location: to }).end();
  };
}

test('a server may send on within itself, and nowhere else', async () => {
  const other = await serve((_request, response) => response.end('secret'));
  for (const status of [301, 302, 303, 307, 308]) {
    const sender = await serve(sendOn(status, `${other.url}/inside`));
    for (const body of [undefined, Buffer.from('x')])
      await assert.rejects(exchange(sender.url, { who: 'it', ...(body ? { body } : {}) }), {
        code: 'NETWORK_FAILED',
        message: /sends on to another server/,
      });
    assert.equal(sender.asked.length, 2, 'a refusal is not asked again');
  }
  const scheme = await serve(sendOn(302, 'file:///etc/passwd'));
  await assert.rejects(exchange(scheme.url, { who: 'it' }), { code: 'NETWORK_FAILED' });
  assert.deepEqual(other.asked, []);
  const own = await serve((request, response) =>
    request.url === '/a' ? response.end('list') : sendOn(302, '/a')(request, response),
  );
  assert.equal(Buffer.from(await exchange(`${own.url}/b`, { who: 'it' })).toString(), 'list');
  const circle = await serve(sendOn(302, '/'));
  await assert.rejects(exchange(circle.url, { who: 'it' }), { message: /on and on/ });
});

test('no address is asked that stands in the certificate of an authority nobody trusts', async (t) => {
  if (!judgeHere('openssl', t)) return;
  const folder = scratch();
  const [ours, theirs] = await Promise.all([
    startAuthority(path.join(folder, 'ours')),
    startAuthority(path.join(folder, 'theirs')),
  ]);
  t.after(() => ours.stop());
  t.after(() => theirs.stop());
  const signer = await ours.identity('Rhea', 'rsa', 'ocsp');
  const plain = await PDFDocument.create();
  plain.addPage().drawText('x');
  const bytes = await plain.save({ useObjectStreams: false });
  const notes: string[] = [];
  const seal = (trust?: string) =>
    sealPdf(bytes, signer, {
      role: 'preparer',
      time: new Date(),
      timestamp: { url: `${theirs.url}/tsa`, optional: false, trust },
      note: (line) => notes.push(line),
    });
  await seal();
  assert.deepEqual([...new Set(theirs.requests)], ['/tsa']);
  assert.ok(ours.requests.includes('/ocsp'), 'the signer was named by the user');
  assert.match(notes.join('\n'), /B-T, not B-LT.*its authority is not trusted here/);
  await seal(readFileSync(theirs.root, 'utf8'));
  assert.ok(
    theirs.requests.some((one) => one !== '/tsa'),
    `trusted, it is asked: ${notes.join()} ${theirs.requests.join()}`,
  );
});
