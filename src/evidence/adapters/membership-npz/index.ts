import { ProbityError } from '../../../errors.ts';
import { unzipBounded } from '../../../files/zip.ts';
import { type Adapter, type AdapterContext, newReading } from '../../adapter.ts';
import type { Located } from '../../observation.ts';
import type { TestResultBody } from '../../observations/tests.ts';
import { ScoreCollector, undeclaredWarnings } from '../../scores.ts';
import { parseNpy } from './npy.ts';

// ML Privacy Meter writes `attack_result_<model>.npz` with numpy.savez; `scores` and `memberships` are flat arrays.

const SCORES = 'scores.npy';
const MEMBERSHIPS = 'memberships.npy';
/**
 * In `attack_result_average_dp.npz`, for every number of guesses that was tried: up to where the lowest scores were guessed
 * out, from where the highest in, how many of those guesses were right, and the privacy loss that they show.
 */
const ONE_RUN = ['k_neg.npy', 'k_pos.npy', 'correct_num.npy', 'eps.npy', 'total_num.npy'] as const;

/**
 * The one of the tried numbers of guesses that shows the largest loss. It was chosen by what it shows, so it is told as not
 * fixed beforehand, which corrects its bound for every number that was possible.
 */
function oneRun(
  take: (name: string) => Float64Array,
  { declared }: AdapterContext,
  path: string,
): Located<Extract<TestResultBody, { kind: 'one-run' }>> {
  const [out, into, correct, eps, total] = ONE_RUN.map(take) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const fail = (message: string): never => {
    throw new ProbityError('EVIDENCE_MALFORMED', message, { where: path });
  };
  if ([out, into, correct].some((one) => one.length !== eps.length) || eps.length === 0)
    fail('k_neg, k_pos, correct_num and eps are not of one length');
  const best = eps.reduce((at, value, i) => (value > (eps[at] as number) ? i : at), 0);
  const canaries = total[0] ?? 0;
  const guesses = (out[best] as number) + canaries - (into[best] as number);
  const right = correct[best] as number;
  if (![canaries, guesses, right].every(Number.isSafeInteger) || right > guesses || guesses > canaries || right < 0)
    fail(`a one-run audit of ${right} right guesses of ${guesses} about ${canaries} canaries cannot be`);
  return {
    kind: 'one-run',
    subject: 'membership',
    attackClass: 'membership-inference',
    technique: declared.technique ?? 'undeclared',
    surface: declared.surface ?? 'undeclared',
    probe: declared.probe ?? 'ML Privacy Meter one-run audit',
    tool: { name: 'ML Privacy Meter' },
    ...(declared.collected ? { collected: declared.collected } : {}),
    canaries,
    guesses,
    correct: right,
    fixedBeforehand: false,
    at: `correct_num.npy[${best}]`,
  };
}

export const adapter: Adapter = {
  format: 'membership-npz',
  title: 'ML Privacy Meter attack result (.npz)',
  about: {
    group: 'attack results',
    files: 'ML Privacy Meter (`.npz`)',
    recognisedBy: 'zip with `scores.npy`, `memberships.npy`',
    gives: 'scores; of `attack_result_average_dp.npz` also the one-run audit',
    limits:
      'float16/32/64 and integers; no pickled objects; `attack_result_average.npz` holds several models one after the other and can fail, not pass; of a one-run audit the number of guesses that shows most is taken, and its bound is corrected for the choice',
    records: { declare: 'target, day, assignment or baseline, control' },
  },
  recognise(head): number {
    if (head.bytes.length < 4 || head.bytes.readUInt32LE(0) !== 0x04034b50) return 0;
    if (head.name.endsWith('.npz')) return /^attack_result/.test(head.name) ? 1 : 0.9;
    return head.bytes.includes('.npy') ? 0.6 : 0;
  },
  async read(file, context) {
    const reading = newReading({ name: 'ML Privacy Meter' });
    const arrays = unzipBounded(
      await file.whole(),
      file.path,
      (name) => name === SCORES || name === MEMBERSHIPS || ONE_RUN.some((one) => one === name),
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
    if (ONE_RUN.every((name) => arrays.has(name))) {
      reading.observations.push(oneRun(take, context, file.path));
      reading.warnings.push(
        'its one-run audit holds where a fair coin put each record into training, which the file does not say',
      );
    }
    reading.observations.push(concatenated ? { ...found, shows: 'failure-only' } : found);
    reading.warnings.push(...undeclaredWarnings(context.declared));
    if (context.declared.collected) reading.collected = context.declared.collected;
    return reading;
  },
};
