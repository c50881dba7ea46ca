import { ProbityError } from '../../../errors.ts';
import { unzipBounded } from '../../../files/zip.ts';
import { type Adapter, newReading } from '../../adapter.ts';
import { ScoreCollector, undeclaredWarnings } from '../../scores.ts';
import { parseNpy } from './npy.ts';

// ML Privacy Meter writes `attack_result_<model>.npz` with numpy.savez; `scores` and `memberships` are flat arrays.

const SCORES = 'scores.npy';
const MEMBERSHIPS = 'memberships.npy';
/** In `attack_result_average_dp.npz`: the right guesses for every number of guesses that was tried. */
const ONE_RUN = 'correct_num.npy';

export const adapter: Adapter = {
  format: 'membership-npz',
  title: 'ML Privacy Meter attack result (.npz)',
  recognise(head): number {
    if (head.bytes.length < 4 || head.bytes.readUInt32LE(0) !== 0x04034b50) return 0;
    if (head.name.endsWith('.npz')) return /^attack_result/.test(head.name) ? 1 : 0.9;
    return head.bytes.includes('.npy') ? 0.6 : 0;
  },
  async read(file, context) {
    const reading = newReading({ name: 'ML Privacy Meter' });
    let audited = false;
    const arrays = unzipBounded(await file.whole(), file.path, (name) => {
      audited ||= name === ONE_RUN;
      return name === SCORES || name === MEMBERSHIPS;
    });
    if (audited)
      reading.warnings.push(
        'holds a one-run audit that tried many numbers of guesses and is not counted; write the one fixed beforehand as oneRun in a ProbeResult',
      );
    const take = (name: string) => {
      const bytes = arrays.get(name);
      if (!bytes)
        throw new ProbityError('EVIDENCE_MALFORMED', `the archive has no ${name}`, {
          where: file.path,
          remedy: 'Save it with numpy.savez(file, scores=..., memberships=...)',
        });
      return parseNpy(bytes, `${file.path}!${name}`).values;
    };
    const scores = take(SCORES);
    const memberships = take(MEMBERSHIPS);
    if (scores.length !== memberships.length)
      throw new ProbityError('EVIDENCE_MALFORMED', `${scores.length} scores for ${memberships.length} memberships`, {
        where: file.path,
      });
    const collector = new ScoreCollector(file.path, context.declared.higherMeansMember);
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i] as number;
      const member = memberships[i];
      if (!Number.isFinite(score))
        throw new ProbityError('EVIDENCE_MALFORMED', `score ${i} is not a finite number`, {
          where: `${file.path}!${SCORES}`,
        });
      if (member !== 0 && member !== 1)
        throw new ProbityError('EVIDENCE_MALFORMED', `membership ${i} is neither 0 nor 1`, {
          where: `${file.path}!${MEMBERSHIPS}`,
        });
      collector.add(score, member === 1, false, Number.NaN, '');
    }
    const found = collector.finish('ML Privacy Meter attack result', context.declared, SCORES);
    // The average puts the results of several target models one after the other, without saying where one ends.
    const concatenated = /average/i.test(file.path.split('/').at(-1) ?? '');
    if (concatenated)
      reading.warnings.push(
        'holds the scores of several models one after the other, so the same records several times; it can show leakage, and its absence only by the file of each model',
      );
    reading.observations.push(concatenated ? { ...found, shows: 'failure-only' } : found);
    reading.warnings.push(...undeclaredWarnings(context.declared));
    if (context.declared.collected) reading.collected = context.declared.collected;
    return reading;
  },
};
