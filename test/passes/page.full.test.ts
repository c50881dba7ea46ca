import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
import { catalog } from '../support/reading.ts';
import { noise } from './support/scores.ts';

const page = readFileSync(path.join(import.meta.dirname, '../../docs/passing.md'), 'utf8');
const files = [...page.matchAll(/^```(\w+) (\S+)([^\n]*)\n([\s\S]*?)^```$/gm)].map((found) => ({
  name: String(found[2]),
  words: String(found[3]).trim().split(/\s+/).filter(Boolean),
  text: String(found[4]),
}));
const textOf = (name: string) => String(files.find((file) => file.name === name)?.text);
const scores = `record_id,score,is_member\n${[...noise(5000, 1), ...noise(5000, 1001)]
  .map((score, i) => `r${i},${score},${i < 5000 ? 1 : 0}`)
  .join('\n')}\n`;

test('the page shows evidence that passes for every control of the catalog', () => {
  const named = new Set(files.flatMap(({ words }) => words.filter((word) => /^[A-Z]+-\d+$/.test(word))));
  assert.deepEqual([...named].sort(), catalog.controls.map(({ document }) => document.id).sort());
});

for (const file of files) {
  const controls = file.words.filter((word) => /^[A-Z]+-\d+$/.test(word));
  if (controls.length === 0) continue;
  test(`docs/passing.md: ${file.name} passes ${controls.join(', ')}`, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'probity-passing-'));
    try {
      mkdirSync(path.join(folder, 'evidence'));
      const surface = file.words.find((word) => word.startsWith('surfaces:'))?.slice(9) ?? 'model-api';
      let config = textOf('probity.yaml').replace('surfaces: [model-api]', `surfaces: [${surface}]`);
      const provider = file.words.find((word) => word.startsWith('provider:'))?.slice(9);
      if (provider) config = config.replace('provider: self-hosted', `provider: ${provider}`);
      if (file.words.includes('differentialPrivacy')) config += 'differentialPrivacy: {epsilon: 1, delta: 1.0e-5}\n';
      if (file.name === 'probity.yaml') {
        config += file.text;
        writeFileSync(path.join(folder, 'evidence/scores.csv'), scores);
      } else writeFileSync(path.join(folder, file.name), file.text);
      for (const word of file.words.filter((one) => one.startsWith('with:')))
        writeFileSync(path.join(folder, word.slice(5)), textOf(word.slice(5)));
      writeFileSync(path.join(folder, 'probity.yaml'), config);
      const assessment = await assessWorkspace({ config: path.join(folder, 'probity.yaml'), asOf: '2026-11-21' });
      for (const { accepted, reason } of assessment.evidence) assert.ok(accepted, reason);
      for (const control of controls) {
        const results = assessment.results.filter((result) => result.control === control);
        assert.ok(
          results.some(({ state }) => state === 'satisfied'),
          control,
        );
        for (const { attackClass, state, criteria } of results)
          assert.ok(
            state === 'satisfied' || state === 'not-applicable',
            `${control} ${attackClass} ${state}: ${criteria.map(({ detail }) => detail).join(' | ')}`,
          );
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
