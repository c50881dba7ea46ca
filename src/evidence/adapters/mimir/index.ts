import { z } from 'zod';
import { ProbityError } from '../../../errors.ts';
import { parsePythonJson } from '../../../files/json.ts';
import { type Adapter, type AdapterContext, newReading, type ProbeMeaning, type Reading } from '../../adapter.ts';
import type { EvidenceFile } from '../../file.ts';
import { fitted, pointerStep } from '../../fitting.ts';
import { eachPythonValue } from '../../streaming.ts';

// MIMIR (iamgroot42/mimir): run.py writes one file for each attack, with the predictions of every record (lower means
// member); local/parse_results.py sums many up as areas and rates, without counts.

const share = z.number().min(0).max(1);
const summary = z.record(
  z.string().max(300),
  z.array(z.looseObject({ target: z.string().max(300).optional() })).max(10_000),
);
const numbers = z.looseObject({ roc_auc: share, tpr_at_low_fpr: z.record(z.string().max(20), share).optional() });

const PREDICTIONS = /"predictions"\s*:\s*\{\s*"members?"\s*:/;
const PATHS = ['$.name', ...['member', 'members', 'nonmember', 'nonmembers'].map((side) => `$.predictions.${side}.*`)];

class MimirReader {
  readonly #file: EvidenceFile;
  readonly #context: AdapterContext;
  readonly #reading: Reading = newReading({ name: 'MIMIR' });

  constructor(file: EvidenceFile, context: AdapterContext) {
    this.#file = file;
    this.#context = context;
    if (context.declared.collected) this.#reading.collected = context.declared.collected;
  }

  /** The file of one attack: a number for each record, beside whole texts that are passed over. */
  async readAttack(): Promise<Reading> {
    let name = 'MIMIR attack';
    const [member, nonmember]: [number[], number[]] = [[], []];
    let left = 0;
    await eachPythonValue(this.#file, PATHS, (value, at) => {
      if (at === '/name') name = fitted(z.string().max(300), value, this.#file, 'MIMIR results', at);
      // MIMIR leaves out what has no number.
      else if (typeof value !== 'number') left++;
      else if (/\/members?\//.test(at)) member.push(-value);
      else nonmember.push(-value);
    });
    this.#scores(name, Float64Array.from(member), Float64Array.from(nonmember), left);
    return this.#finish();
  }

  async readSummary(): Promise<Reading> {
    const value = parsePythonJson(await this.#file.text(), this.#file.path, 'EVIDENCE_MALFORMED');
    this.#summary(fitted(summary, value, this.#file, 'MIMIR results'));
    return this.#finish();
  }

  #finish(): Reading {
    const missing = (['collected', 'surface'] as const).filter((name) => this.#context.declared[name] === undefined);
    if (missing.length > 0 && this.#reading.observations.length > 0)
      this.#reading.warnings.push(
        `MIMIR does not record ${missing.join(' and ')}: declare it for this file under sources in probity.yaml`,
      );
    return this.#reading;
  }

  #meaning(probe: string): ProbeMeaning | undefined {
    const found = this.#context.probes('mimir', probe);
    return found?.attackClass === 'membership-inference' ? found : undefined;
  }

  #identity(probe: string, meaning: ProbeMeaning, target?: string) {
    const { technique, surface, collected } = this.#context.declared;
    return {
      subject: 'membership',
      attackClass: 'membership-inference',
      technique: technique ?? meaning.technique,
      surface: surface ?? meaning.surface,
      probe,
      tool: { name: 'MIMIR' },
      ...(target ? { target } : {}),
      ...(collected ? { collected } : {}),
    } as const;
  }

  #scores(name: string, members: Float64Array, nonMembers: Float64Array, left: number): void {
    const meaning = this.#meaning(name);
    if (!meaning) {
      this.#reading.unmapped.push({
        probe: name,
        at: '/predictions',
        trials: members.length + nonMembers.length,
        successes: 0,
      });
      return;
    }
    if (members.length === 0 || nonMembers.length === 0)
      throw new ProbityError('EVIDENCE_MALFORMED', 'it has no scores of both members and non-members', {
        where: `${this.#file.path}#/predictions`,
      });
    if (left > 0)
      this.#reading.warnings.push(
        `${left} records have no score, as MIMIR leaves them out; their absence from what was found shows nothing`,
      );
    this.#reading.observations.push({
      kind: 'scores',
      ...this.#identity(name, meaning),
      ...(left > 0 ? { shows: 'failure-only' as const } : {}),
      members,
      nonMembers,
      at: '/predictions',
    });
  }

  #summary(found: z.infer<typeof summary>): void {
    for (const [dataset, runs] of Object.entries(found))
      runs.forEach((run, index) => {
        for (const [key, value] of Object.entries(run)) {
          const parsed = numbers.safeParse(value);
          if (!parsed.success) continue;
          const probe = `${key.replace(/_results\.json$/, '')} on ${dataset}`;
          const at = `/${dataset}/${index}/${pointerStep(key)}`;
          this.#stated(probe, at, parsed.data, run.target);
        }
      });
    this.#reading.warnings.push(
      'a summary without counts: it can show leakage, never its absence; hand in the file of each attack, which has every prediction',
    );
  }

  #stated(probe: string, at: string, found: z.infer<typeof numbers>, target: string | undefined): void {
    const meaning = this.#meaning(probe);
    if (!meaning) {
      this.#reading.unmapped.push({ probe, at, trials: 0, successes: 0 });
      return;
    }
    const identity = this.#identity(probe, meaning, target);
    this.#reading.observations.push({ kind: 'stated', ...identity, measure: 'roc.auc', value: found.roc_auc, at });
    for (const [limit, value] of Object.entries(found.tpr_at_low_fpr ?? {})) {
      const falsePositiveLimit = Number(limit);
      if (falsePositiveLimit > 0 && falsePositiveLimit < 1)
        this.#reading.observations.push({
          kind: 'stated',
          ...identity,
          measure: 'roc.tpr',
          falsePositiveLimit,
          value,
          at,
        });
    }
  }
}

export const adapter: Adapter = {
  format: 'mimir-results',
  title: 'MIMIR results and summaries (JSON)',
  about: {
    group: 'attack results',
    files: 'MIMIR (JSON)',
    recognisedBy: '`predictions.member`, or `tpr_at_low_fpr`',
    gives: "scores of each attack's file; areas and rates of a summary as stated",
    limits: 'lower means member; a summary can fail and not pass',
    records: { target: 'in its summaries', declare: 'target, day, assignment or baseline, control' },
  },
  recognise({ text }): number {
    if (!/^\s*\{/.test(text)) return 0;
    if (PREDICTIONS.test(text)) return 0.9;
    return /"roc_auc"\s*:/.test(text) && /"tpr_at_low_fpr"\s*:/.test(text) ? 0.8 : 0;
  },
  async read(file, context) {
    const reader = new MimirReader(file, context);
    return PREDICTIONS.test((await file.head()).text) ? reader.readAttack() : reader.readSummary();
  },
};
