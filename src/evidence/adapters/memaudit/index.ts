import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ProbityError } from '../../../errors.ts';
import { parseJson } from '../../../files/json.ts';
import { pythonJson } from '../../../files/pythonJson.ts';
import { table } from '../../../table.ts';
import type { Surface } from '../../../terms.ts';
import { type Adapter, type AdapterContext, newReading, type Reading } from '../../adapter.ts';
import { fitted } from '../../fitting.ts';
import type { Assignment, ScoresBody, TrialsBody } from '../../observations/tests.ts';

// memaudit 0.1 and 0.2, report.py and audit.py (schema 1.x, additive). Canaries are drawn from one generator, coins decide
// which are planted, others are held out; the report keeps two verdicts apart, membership and regurgitation, and so do we.

/** Its digest is of the whole content; thousands of canaries take some ten megabytes. */
const MOST_BYTES = 32 * 2 ** 20;

const count = z.number().int().min(0);
const canary = z.looseObject({
  id: z.string().max(200),
  included: z.boolean(),
  repetitions: count.nullish(),
  actual_generator: z.string().max(100).nullish(),
  record_observed: z.boolean().nullish(),
  scores: z.looseObject({ headline_score: z.number().nullish() }),
  regurgitation: z
    .looseObject({
      regurgitated: z.boolean(),
      by_prefix: z.array(
        z.looseObject({
          exact: z.boolean().nullish(),
          approx_bleu: z.boolean().nullish(),
          approx_ned: z.boolean().nullish(),
          regurgitated: z.boolean().nullish(),
        }),
      ),
    })
    .nullish(),
});
const report = z.looseObject({
  schema_version: z.string().regex(/^1\.\d+\.\d+$/, 'only schema 1 is known'),
  tool_version: z.string().max(60),
  created_at: z.string().max(60),
  report_sha256: z.string().max(100).nullish(),
  canary_manifest_hash: z.string().max(200).nullish(),
  seeds: z.looseObject({ inject: z.union([z.number(), z.string()]).nullish() }).nullish(),
  model: z.looseObject({ name_or_path: z.string().max(500).nullish() }),
  release_context: z.union([z.string(), z.looseObject({ declared: z.string().nullish() })]).nullish(),
  membership: z.looseObject({
    headline_attack: z.string().max(200),
    headline_valid: z.boolean().nullish(),
    warning: z.string().nullish(),
    threshold: z.number().nullish(),
    n_members: count,
    n_controls: count,
    n_detected: count,
  }),
  regurgitation: z.looseObject({
    prefix_fractions: z.array(z.number()).nullish(),
    overall: z.looseObject({ n: count, n_regurgitated: count }).nullish(),
  }),
  real_records: z.looseObject({ n_train_sampled: count.nullish() }).nullish(),
  audit_scope: z.looseObject({ include_prob: z.number().min(0).max(1).nullish() }).nullish(),
  demo: z.unknown().optional(),
  per_canary: z.array(canary).max(100_000),
});
type Report = z.infer<typeof report>;
type Canary = z.infer<typeof canary>;

/** The attacker that a release makes reasonably likely (memaudit's constants.py, EDPB Opinion 28/2024, paragraph 46). */
const SURFACE_OF = table<Surface>({
  'public-api': 'model-api',
  internal: 'model-api',
  'open-weights': 'model-weights',
});

class MemauditReader {
  readonly #path: string;
  readonly #report: Report;
  readonly #context: AdapterContext;
  readonly #reading: Reading;

  constructor(path: string, found: Report, context: AdapterContext) {
    this.#path = path;
    this.#report = found;
    this.#context = context;
    this.#reading = newReading({ name: 'memaudit', version: found.tool_version });
    this.#reading.collected = found.created_at;
  }

  read(): Reading {
    const { membership, real_records: real } = this.#report;
    const warn = (text: string): unknown => this.#reading.warnings.push(text);
    if (membership.headline_valid === false)
      warn('memaudit itself refuses a rate at this false-positive rate; what its canaries allow is computed here');
    if (membership.warning) warn(`memaudit warns: ${membership.warning}`);
    if (this.#report.demo !== undefined)
      warn(
        'this is the report of "memaudit demo", of a small model that was made to leak; use it as a positive control',
      );
    if (real?.n_train_sampled) warn('its ranking of real records has no false-positive rate and is not counted');
    const blind = this.#blindness();
    if (blind) warn(blind);
    this.#membership(blind !== undefined);
    this.#regurgitation(blind !== undefined);
    if (this.#surface === undefined)
      warn(
        'its release context is unspecified: declare surface under sources in probity.yaml, or its canaries count for no control',
      );
    return this.#reading;
  }

  #malformed(message: string, pointer: string): never {
    throw new ProbityError('EVIDENCE_MALFORMED', message, {
      where: `${this.#path}#${pointer}`,
      remedy: 'Use the report as memaudit wrote it',
    });
  }

  get #surface(): Surface | undefined {
    const context = this.#report.release_context;
    const released = typeof context === 'string' ? context : context?.declared;
    return this.#context.declared.surface ?? SURFACE_OF[released ?? ''];
  }

  /** Coins decided before training, out of one generator: in the manifest whose digest the report carries. */
  get #assignment(): Assignment | undefined {
    const { seeds, audit_scope: scope, canary_manifest_hash: manifest, per_canary: canaries } = this.#report;
    const chance = scope?.include_prob ?? 0;
    const generators = new Set(canaries.map((one) => one.actual_generator ?? ''));
    if (!manifest || chance <= 0 || generators.size !== 1) return undefined;
    const seed = seeds?.inject ?? undefined;
    return {
      random: true,
      by: `memaudit inject${seed === undefined ? '' : `, seed ${seed}`}`,
      how: `each canary was put in with chance ${chance}, the held-out ones are of the same generator; manifest ${manifest.slice(0, 16)}`,
    };
  }

  #identity() {
    const assignment = this.#assignment;
    const target = this.#report.model.name_or_path;
    return {
      surface: this.#surface ?? ('undeclared' as const),
      tool: { name: 'memaudit', version: this.#report.tool_version },
      collected: this.#report.created_at,
      planted: true,
      ...(target ? { target } : {}),
      ...(assignment ? { assignment } : {}),
    };
  }

  /** Scores of planted and of held-out canaries, which have to be those that the report counts. */
  #membership(blind: boolean): void {
    const { membership, per_canary: canaries } = this.#report;
    const scored = canaries.filter((one) => typeof one.scores.headline_score === 'number');
    const scoresOf = (included: boolean): Float64Array =>
      Float64Array.from(
        scored.filter((one) => one.included === included),
        (one) => one.scores.headline_score ?? Number.NaN,
      );
    const [members, nonMembers] = [scoresOf(true), scoresOf(false)];
    if (members.length !== membership.n_members || nonMembers.length !== membership.n_controls)
      this.#malformed(
        `it counts ${membership.n_members} planted and ${membership.n_controls} held-out canaries, and lists scores of ${members.length} and ${nonMembers.length}`,
        '/membership/n_members',
      );
    if (members.length === 0 || nonMembers.length === 0) {
      this.#reading.warnings.push(
        'it has no scores of both planted and held-out canaries, so membership was not tested',
      );
      return;
    }
    const { threshold } = membership;
    const detected = typeof threshold === 'number' ? members.filter((score) => score >= threshold).length : 0;
    if (detected !== membership.n_detected)
      this.#malformed(
        `it counts ${membership.n_detected} canaries as detected, and ${detected} of its scores reach the threshold`,
        '/membership/n_detected',
      );
    const left = canaries.length - scored.length;
    if (left > 0) this.#reading.warnings.push(`${left} canaries have no score; that they were not found shows nothing`);
    const copies = Math.max(1, ...canaries.filter((one) => one.included).map((one) => one.repetitions ?? 1));
    const body: ScoresBody = {
      kind: 'scores',
      subject: 'membership',
      attackClass: 'membership-inference',
      technique: this.#context.declared.technique ?? 'canary-membership',
      probe: membership.headline_attack,
      ...this.#identity(),
      ...(blind || left > 0 ? { shows: 'failure-only' as const } : {}),
      ...(copies > 1 ? { copies } : {}),
      members,
      nonMembers,
      duplicateRecords: canaries.length - new Set(canaries.map((one) => one.id)).size,
    };
    this.#reading.observations.push({ ...body, at: '/per_canary' });
  }

  /**
   * Why canaries that were not found say nothing, whatever was asked of them: nothing shows that they reached the training
   * rows, or that the file is what memaudit wrote. An audit after the training cannot look at the rows and says so itself
   * (preflight.py, absent_preflight): then the workspace has to say how they got there.
   */
  #blindness(): string | undefined {
    const { report_sha256: digest, per_canary: canaries } = this.#report;
    const shows = 'that they were not found shows nothing';
    const planted = canaries.filter((one) => one.included);
    const absent = planted.filter((one) => one.record_observed === false || one.repetitions === 0).length;
    if (absent > 0) return `${absent} planted canaries were not seen in the training rows; ${shows}`;
    const unchecked = planted.filter((one) => one.record_observed !== true).length;
    const checked = canaries.some((one) => one.record_observed !== undefined);
    if (unchecked > 0 && (checked || !this.#context.declared.assignment))
      return `of ${unchecked} planted canaries it does not say that they were seen in the training rows (record_observed); ${shows}; train with memaudit's callback${checked ? '' : ', or declare as assignment how they were put in'}`;
    if (!digest) return `it carries no report_sha256, so its content could not be checked; ${shows}`;
    return undefined;
  }

  /** Whether planted canaries come back when their beginning is given, judged exactly or nearly. */
  #regurgitation(blind: boolean): void {
    const { regurgitation, per_canary: canaries } = this.#report;
    const planted = canaries.filter((one) => one.included);
    const asked = planted.filter((one) => (one.regurgitation?.by_prefix.length ?? 0) > 0);
    if (asked.length === 0) {
      this.#reading.warnings.push('no canary was asked to be completed, so regurgitation was not tested');
      return;
    }
    const came = (some: readonly Canary[]) => some.filter((one) => one.regurgitation?.regurgitated === true).length;
    const { overall, prefix_fractions: fractions } = regurgitation;
    if (overall && (overall.n !== planted.length || overall.n_regurgitated !== came(planted)))
      this.#malformed(
        `it counts ${overall.n_regurgitated} of ${overall.n} canaries as regurgitated, and lists ${came(planted)} of ${planted.length}`,
        '/regurgitation/overall',
      );
    const exact = asked.filter((one) => one.regurgitation?.by_prefix.some((prefix) => prefix.exact === true)).length;
    const contradicted = canaries.findIndex((one) => one.regurgitation?.regurgitated === false && cameBack(one));
    if (contradicted >= 0)
      this.#malformed(
        'a canary came back after a part of it and does not count as regurgitated',
        `/per_canary/${contradicted}/regurgitation/regurgitated`,
      );
    const held = canaries.filter((one) => !one.included);
    if (came(held) > 0)
      this.#reading.warnings.push(
        `${came(held)} of ${held.length} held-out canaries count as regurgitated as well, which the model cannot know`,
      );
    const body: TrialsBody = {
      kind: 'trials',
      subject: 'content',
      attackClass: 'inversion',
      technique: 'training-data-extraction',
      probe: 'canary completion',
      detector: `exact, BLEU or edit distance, greedy, after ${(fractions ?? []).map((one) => `${Math.round(one * 100)}%`).join(' and ') || 'a part'} of the canary (${exact} exact)`,
      toolDetector: true,
      ...this.#identity(),
      ...(blind ? { shows: 'failure-only' as const } : {}),
      trials: { k: came(asked), n: asked.length },
      notEvaluated: planted.length - asked.length,
      errors: 0,
    };
    this.#reading.observations.push({ ...body, at: '/regurgitation' });
  }
}

/** Whether a completion is what memaudit counts as regurgitated, exactly or nearly (scoring.py, regurgitation_flags). */
function cameBack({ regurgitation }: Canary): boolean {
  return (regurgitation?.by_prefix ?? []).some((prefix) =>
    [prefix.exact, prefix.approx_bleu, prefix.approx_ned, prefix.regurgitated].includes(true),
  );
}

/** The digest that memaudit stamps: of its content, so that other spacing does not matter and another number does. */
function checkDigest(text: string, stated: string, path: string): void {
  const digest = createHash('sha256').update(pythonJson(text, 'report_sha256')).digest('hex');
  if (digest !== stated)
    throw new ProbityError('EVIDENCE_MALFORMED', 'its content is not what its report_sha256 was made of', {
      where: `${path}#/report_sha256`,
      remedy: 'It was edited after memaudit wrote it: hand in the report as written, which "memaudit verify" accepts',
    });
}

export const adapter: Adapter = {
  format: 'memaudit-report',
  title: 'memaudit report (JSON)',
  about: {
    group: 'attack results',
    files: 'memaudit report (JSON, schema 1)',
    recognisedBy: '`canary_manifest_hash`',
    gives:
      'scores of planted and held-out canaries (membership), and how many came back when begun (inversion), never merged',
    limits:
      '`report_sha256` has to be that of the content; counts have to be those of the listed canaries; the assignment by coins is taken from the file; what stamps no `report_sha256` can fail and not pass, and so can planted canaries without a score, repeated no time, or not said to have been seen in the training rows (`record_observed`, which its training callback writes; after an audit that ran without it, declare `assignment`, with how the canaries were put in); a canary that came back in one of its parts and does not count as regurgitated makes the report malformed; repeated canaries are not held against a budget of one copy; surface from `release_context`, else declared',
    records: {
      target: '`name_or_path`',
      day: 'yes',
      draw: 'coins and generator',
      control: 'a second report',
      declare: 'surface where unspecified',
    },
  },
  recognise(head): number {
    if (!/^\s*\{/.test(head.text)) return 0;
    if (/"canary_manifest_hash"\s*:/.test(head.text) && /"schema_version"\s*:/.test(head.text)) return 1;
    return /"report_hash"\s*:/.test(head.text) && /"canary/.test(head.text) ? 0.6 : 0;
  },
  async read(file, context) {
    const text = await file.text();
    if (text.length > MOST_BYTES)
      throw new ProbityError('EVIDENCE_TOO_LARGE', `a memaudit report of more than ${MOST_BYTES / 2 ** 20} MiB`, {
        where: file.path,
      });
    const found = fitted(report, parseJson(text, file.path, 'EVIDENCE_MALFORMED'), file, 'a memaudit report');
    if (found.report_sha256) checkDigest(text, found.report_sha256, file.path);
    return new MemauditReader(file.path, found, context).read();
  },
};
