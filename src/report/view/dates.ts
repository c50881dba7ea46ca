import type { Assessment } from '../../assess/assessment.ts';
import { plural } from '../numbers.ts';
import { day } from './common.ts';

/** The day of the assessment in its period, as a cover says it. */
export function asOfText({ asOf, period }: Assessment): string {
  const within = `period ${period.from} to ${period.to}`;
  return period.to > asOf.slice(0, 10) ? `${asOf}, before the end of the ${within}` : `${asOf}; ${within}`;
}

/** From when the evidence is that was used. What is dated after the day of the assessment is no end of that range. */
export function evidenceDates({ asOf, evidence }: Assessment): string {
  const used = evidence.filter(({ accepted }) => accepted);
  const dates = used.flatMap(({ collected }) => (collected === undefined ? [] : [day(collected)])).toSorted();
  const counting = dates.filter((date) => date <= asOf.slice(0, 10));
  const ahead = dates.length - counting.length;
  const undated = used.length - dates.length;
  return [
    `${used.length} of ${plural(evidence.length, 'file')} used`,
    counting.length > 0 ? `dated ${counting[0]} to ${counting.at(-1)}` : '',
    undated > 0 ? `${undated} undated` : '',
    ahead > 0 ? `${ahead} dated after ${asOf.slice(0, 10)} and not yet valid` : '',
  ]
    .filter((text) => text !== '')
    .join('; ');
}
