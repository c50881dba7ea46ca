import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markArtifacts } from '../../src/report/pdf/artifacts.ts';
import { fillPageNumbers, glyphsOf, pagePlaceholder } from '../../src/report/pdf/pageNumbers.ts';

test('what no tag covers becomes an artifact, and tagged content stays as it is', () => {
  const tagged = '/P <</MCID 0 >>BDC\nBT\n/F4 10 Tf\n<0001> Tj\nET\n0 0 5 5 re\nf\nEMC';
  assert.equal(markArtifacts(tagged), tagged);
  assert.equal(
    markArtifacts(
      `q\n1 0 0 1 0 0 cm\nBT\n/F4 9 Tf\n<0002> Tj\nET\n0 0 9 9 re\nW* n\n1 2 m\n3 4 l\nS\n${tagged}\nQ\n/X1 Do`,
    ),
    `q\n1 0 0 1 0 0 cm\n/Artifact BMC\nBT\n/F4 9 Tf\n<0002> Tj\nET\nEMC\n0 0 9 9 re\nW* n\n/Artifact BMC\n1 2 m\n3 4 l\nS\nEMC\n${tagged}\nQ\n/Artifact BMC\n/X1 Do\nEMC`,
  );
});

test('marks within marks, and letters of marks in text and names, mislead nobody', () => {
  const nested = '/A <</MCID 0 >>BDC\n/B BMC\n0 0 1 1 re\nf\nEMC\n0 0 2 2 re\nf\nEMC';
  assert.equal(markArtifacts(nested), nested);
  const words = '/EMC gs\n(a BDC \\) EMC) pop\n0 0 1 1 re\nf';
  assert.equal(markArtifacts('0 0 1 1 re\nf*'), '/Artifact BMC\n0 0 1 1 re\nf*\nEMC');
  assert.equal(markArtifacts('BT\n(x) Tj\nET'), '/Artifact BMC\nBT\n(x) Tj\nET\nEMC');
  assert.ok(markArtifacts('/EMC gs\n0 0 1 1 re\nf').endsWith('/Artifact BMC\n0 0 1 1 re\nf\nEMC'), words);
});

const MAP = `2 beginbfchar
<0003> <00B1>
<0004> <00AC>
endbfchar
2 beginbfrange
<0010> <0019> <0030>
<0020> <0021> <00D7>
endbfrange`;

test('page numbers take the place of what held it, set to the right, whatever the print splits', () => {
  const glyphs = new Map([['F4', glyphsOf(`${MAP}\n1 beginbfchar\n<0022> <00F7>\nendbfchar`)]]);
  assert.equal(glyphs.get('F4')?.get('7'), '0017');
  const placeholder = pagePlaceholder(1);
  assert.equal(placeholder, '±±¬');
  const pages = new Map([
    [placeholder, 7],
    [pagePlaceholder(0), 104],
  ]);
  const text = (body: string): string => `BT\n/F4 12 Tf\n1 0 0 -1 651.3 552 Tm\n${body}ET\n`;
  assert.equal(
    fillPageNumbers(text('<0003> Tj\n7.2 0 Td <00030004> Tj\n'), glyphs, pages),
    text('[-1200 <0017>] TJ\n'),
  );
  assert.equal(fillPageNumbers(text('<000300030003> Tj\n'), glyphs, pages), text('[0 <001100100014>] TJ\n'));
  const other = text('<0003> Tj\n7.2 0 Td <0004> Tj\n');
  assert.equal(fillPageNumbers(other, glyphs, pages), other, 'two signs are no placeholder');
});

test('every placeholder is another', () => {
  const all = Array.from({ length: 64 }, (_, index) => pagePlaceholder(index));
  assert.equal(new Set(all).size, 64);
  assert.ok(all.every((text) => [...text].length === 3));
});
