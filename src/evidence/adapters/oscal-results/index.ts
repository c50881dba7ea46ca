import { z } from 'zod';
import { ProbityError } from '../../../errors.ts';
import { OSCAL_NAMESPACE } from '../../../files/oscal.ts';
import { type Adapter, newReading } from '../../adapter.ts';
import { fitted, moment } from '../../fitting.ts';
import { eachValue } from '../../streaming.ts';
import { FindingCounts } from '../../toolFindings.ts';

// OSCAL assessment results (NIST), https://pages.nist.gov/OSCAL-Reference/models/v1.1.2/assessment-results/json-outline/:
// findings about objectives and statements of controls, satisfied or not. They are what another assessment came to, and
// those that Probity itself wrote are no evidence for another one.

const property = z.looseObject({ ns: z.string().max(300).nullish() });
const props = z.array(property).max(10_000).nullish();
const finding = z.looseObject({
  title: z.string().max(2000).nullish(),
  target: z.looseObject({
    'target-id': z.string().max(300).nullish(),
    status: z.looseObject({ state: z.string().max(60) }),
  }),
  props,
});
const metadata = z.looseObject({
  title: z.string().max(2000).nullish(),
  'last-modified': z.string().max(60).nullish(),
  props,
});

const ROOT = '$.assessment-results';
const WHAT = 'OSCAL assessment results';

function isOurs(found: z.infer<typeof props>): boolean {
  return found?.some(({ ns }) => ns === OSCAL_NAMESPACE) ?? false;
}

export const adapter: Adapter = {
  format: 'oscal-assessment-results',
  title: 'OSCAL assessment results (JSON)',
  about: {
    group: 'findings of other tools',
    files: 'OSCAL assessment-results (JSON)',
    recognisedBy: '`assessment-results`',
    gives: 'satisfied and not satisfied, by the identifiers of its own objectives',
    limits: 'what another assessment concluded, without what it rests on; what Probity itself wrote is no evidence',
  },
  recognise: (head) => (/^\s*\{\s*(?:"\$schema"[^,]{0,300},\s*)?"assessment-results"\s*:/.test(head.text) ? 0.95 : 0),
  async read(file, context) {
    const counts = new FindingCounts();
    let own = false;
    let title: string | undefined;
    let modified: string | undefined;
    let starts = 0;
    const paths = ['metadata', 'results.*.props', 'results.*.start', 'results.*.end', 'results.*.findings.*'];
    await eachValue(
      file,
      paths.map((path) => `${ROOT}.${path}`),
      (value, at) => {
        if (at.endsWith('/metadata')) {
          const found = fitted(metadata, value, file, WHAT, at);
          own ||= isOurs(found.props);
          title = found.title ?? undefined;
          modified = moment(found['last-modified']);
        } else if (at.endsWith('/props')) own ||= isOurs(fitted(props, value, file, WHAT, at));
        else if (/\/(start|end)$/.test(at)) {
          starts++;
          counts.time(moment(fitted(z.string().max(60), value, file, WHAT, at)));
        } else {
          const one = fitted(finding, value, file, WHAT, at);
          own ||= isOurs(one.props);
          const id = one.target['target-id'] ?? one.title ?? '(unnamed)';
          const { state } = one.target.status;
          counts.add(
            { id, title: one.title ?? undefined },
            state === 'satisfied' ? 'passed' : state === 'not-satisfied' ? 'failed' : 'manual',
            at,
          );
        }
      },
    );
    if (modified === undefined && starts === 0)
      throw new ProbityError(
        'EVIDENCE_MALFORMED',
        `not ${WHAT}: neither metadata.last-modified nor a result with its start`,
        {
          where: file.path,
        },
      );
    if (own) {
      const reading = newReading({ name: 'Probity' });
      reading.warnings.push('it was written by Probity itself, and is no evidence for another assessment');
      return reading;
    }
    if (starts === 0) counts.time(modified);
    const reading = counts.reading({ name: 'OSCAL' }, 'the document', context);
    if (title) reading.warnings.push(`conclusions of another assessment: ${title.slice(0, 200)}`);
    return reading;
  },
};
