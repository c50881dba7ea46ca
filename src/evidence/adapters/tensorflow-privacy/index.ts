import { z } from 'zod';
import { ProbityError } from '../../../errors.ts';
import { check } from '../../../schema.ts';
import { type Adapter, newReading } from '../../adapter.ts';
import { csvRows } from '../../csv.ts';

// TensorFlow Privacy: AttackResults.calculate_pd_dataframe() in membership_inference_attack/data_structures.py, saved as
// CSV. Sizes are those of the data, and how many were recognised at which rate is not among the columns.

const COLUMNS = [
  'slice feature',
  'slice value',
  'train size',
  'test size',
  'attack type',
  'Attacker advantage',
  'AUC',
] as const;
const row = z.object({
  'slice feature': z.string().max(300),
  'slice value': z.string().max(300),
  'train size': z.coerce.number().int().min(0),
  'test size': z.coerce.number().int().min(0),
  'attack type': z.string().max(300),
  'Attacker advantage': z.coerce.number().min(0).max(1),
  AUC: z.coerce.number().min(0).max(1),
});

function isHeader(cells: readonly string[]): boolean {
  return COLUMNS.every((name) => cells.includes(name));
}

export const adapter: Adapter = {
  format: 'tensorflow-privacy-results',
  title: 'TensorFlow Privacy attack results (CSV)',
  about: {
    group: 'attack results',
    files: 'TensorFlow Privacy (CSV of `calculate_pd_dataframe`)',
    recognisedBy: 'its header',
    gives: 'areas and advantages as stated',
    limits:
      'for a pass, save `membership_scores_train` and `membership_scores_test` as scores; pickles are never opened',
    records: { declare: 'target, day' },
  },
  recognise({ text }): number {
    const first = text.trimStart().split(/\r?\n/, 1)[0] ?? '';
    return isHeader(first.split(',').map((cell) => cell.replaceAll('"', ''))) ? 1 : 0;
  },
  async read(file, context) {
    const reading = newReading({ name: 'TensorFlow Privacy' });
    const { technique, surface, collected } = context.declared;
    if (collected) reading.collected = collected;
    let header: string[] | undefined;
    for await (const { line, cells } of csvRows(file)) {
      if (!header) {
        header = cells;
        continue;
      }
      const found = check(row, Object.fromEntries(header.map((name, i) => [name, cells[i]])));
      if (!found.success)
        throw new ProbityError('EVIDENCE_MALFORMED', 'a row is not one of attack results', {
          where: `${file.path}:${line}`,
        });
      const value = found.data;
      const slice =
        value['slice value'] === '' ? value['slice feature'] : `${value['slice feature']} ${value['slice value']}`;
      const probe = `${value['attack type']} on ${slice} (${value['train size']} and ${value['test size']} records)`;
      const meaning = context.probes('tensorflow-privacy', value['attack type']);
      if (meaning?.attackClass !== 'membership-inference') {
        reading.unmapped.push({
          probe,
          at: `line ${line}`,
          trials: value['train size'] + value['test size'],
          successes: 0,
        });
        continue;
      }
      for (const [measure, stated] of [
        ['roc.auc', value.AUC],
        ['roc.advantage', value['Attacker advantage']],
      ] as const)
        reading.observations.push({
          kind: 'stated',
          subject: 'membership',
          attackClass: 'membership-inference',
          technique: technique ?? meaning.technique,
          surface: surface ?? meaning.surface,
          probe,
          measure,
          value: stated,
          tool: { name: 'TensorFlow Privacy' },
          ...(collected ? { collected } : {}),
          at: `line ${line}`,
        });
    }
    reading.warnings.push(
      'areas and advantages without the scores: they can show leakage, never its absence; save membership_scores_train and membership_scores_test of each attack as CSV with columns score and is_member',
    );
    return reading;
  },
};
