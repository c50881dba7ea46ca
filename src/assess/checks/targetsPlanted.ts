import { z } from 'zod';
import { measureCriterion } from '../../catalog/schemas.ts';
import { evaluateBound } from '../bounds.ts';
import { sourcesOf } from '../context.ts';
import { notAssessed } from '../outcome.ts';
import { defineCheck } from './check.ts';

/** A bound that only tests are held against in which the testers had put there what was to be found. */
export const targetsPlanted = defineCheck({
  name: 'targets-planted',
  about: 'tests',
  parameters: z.strictObject({ test: measureCriterion }),
  evaluate({ test }, question, context) {
    const tests = context.measurements.filter(
      (m) => m.attackClass === question.attackClass && (test.techniques?.includes(m.technique) ?? true),
    );
    const planted = tests.filter((m) => m.planted === true);
    if (tests.length > 0 && planted.length === 0)
      return notAssessed('no-power', {
        detail:
          'Nothing says that the testers had put there what these tests were after (planted: true), so finding nothing shows nothing.',
        evidence: sourcesOf(tests.flatMap((m) => m.source.map((source) => ({ source })))),
      });
    const { outcome, judgements } = evaluateBound(test, question, { ...context, measurements: planted });
    return { ...outcome, judgements };
  },
});
