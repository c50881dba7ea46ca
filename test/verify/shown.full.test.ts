import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Signer } from '../../src/pki/signer.ts';
import { sealPdf } from '../../src/sign/pdf/seal.ts';
import { verifyPdf } from '../../src/verify/pdf.ts';
import { type Authority, startAuthority } from '../support/authority.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { plainPdf, WITHOUT_KEY } from '../support/pdfAttacks.ts';
import { known } from '../support/pdfUpdates.ts';
import { ROOT, scratch } from '../support/workspace.ts';

/* What poppler and MuPDF show of every document that an attacker without a key made, beside what verify says of it. */

const folder = scratch();
let ca: Authority;
let signed: Buffer;

before(async () => {
  ca = await startAuthority(path.join(folder, 'ca'));
  const preparer: Signer = await ca.identity('preparer', 'p256', 'none');
  const bytes = await (await plainPdf()).save({ useObjectStreams: false });
  signed = Buffer.from(await sealPdf(bytes, preparer, { role: 'preparer', time: new Date(), level: 'b' }));
});
after(() => ca.stop());

type Shown = 'as signed' | 'something else' | 'nothing';

/** The text and the first page, small, as a program shows them; undefined where it shows nothing. */
async function pages(program: 'poppler' | 'mupdf', file: string): Promise<string | undefined> {
  const image = path.join(folder, 'page.pgm');
  rmSync(image, { force: true });
  const text =
    program === 'poppler'
      ? await ask('pdftotext', ['-q', file, '-'])
      : await ask('mutool', ['draw', '-q', '-F', 'txt', '-o', '-', file]);
  if (program === 'poppler')
    await ask('pdftoppm', ['-q', '-r', '30', '-gray', '-singlefile', file, image.replace('.pgm', '')]);
  else await ask('mutool', ['draw', '-q', '-r', '30', '-c', 'gray', '-o', image, file, '1']);
  if (!existsSync(image)) return undefined;
  // What these programs complain of stands among the text; what they show is the rest.
  const lines = text.text.split('\n').filter((line) => !/^(?:warning|error|Syntax|Internal|Command)/i.test(line));
  return `${lines.join('\n')}${readFileSync(image).toString('latin1')}`;
}

test('of none of what readers show as something else does verify say that it is intact', async (t) => {
  for (const judge of ['pdftotext', 'pdftoppm', 'mutool'] as const) if (!judgeHere(judge, t)) return;
  const file = path.join(folder, 'attack.pdf');
  writeFileSync(file, signed);
  const base = { poppler: await pages('poppler', file), mupdf: await pages('mupdf', file) };
  assert.ok(base.poppler && base.mupdf);
  const k = known(signed);
  const rows: string[] = [];
  const counts = new Map<Shown, number>();
  for (const [what, attack] of WITHOUT_KEY) {
    const bytes = attack(signed, k);
    writeFileSync(file, bytes);
    const said: string[] = [];
    for (const program of ['poppler', 'mupdf'] as const) {
      const now = await pages(program, file);
      const shown: Shown = now === undefined ? 'nothing' : now === base[program] ? 'as signed' : 'something else';
      counts.set(shown, (counts.get(shown) ?? 0) + 1);
      said.push(shown);
    }
    const { problems } = await verifyPdf(bytes, []);
    assert.notDeepEqual(problems, [], what);
    rows.push(`| ${what} | ${said.join(' | ')} | ${problems[0]?.replaceAll('|', '/').replace(/\d{3,}/g, 'N')} |`);
  }
  // The attacks are real: there are many of them that a reader falls for.
  assert.ok((counts.get('something else') ?? 0) >= 30, JSON.stringify([...counts]));
  const page = path.join(ROOT, 'docs/attacks.md');
  const [head = '', table = ''] = readFileSync(page, 'utf8').split('| --- | --- | --- | --- |\n');
  // UPDATE=1 writes the table anew. What other versions of these programs show may differ; what is tried may not.
  if (process.env.UPDATE === '1') writeFileSync(page, `${head}| --- | --- | --- | --- |\n${rows.join('\n')}\n`);
  else
    assert.deepEqual(
      table
        .trim()
        .split('\n')
        .map((row) => row.split(' | ')[0]),
      rows.map((row) => row.split(' | ')[0]),
    );
});
