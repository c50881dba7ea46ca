import type { Assessment, Result } from '../../assess/assessment.ts';
import { CLASS_TITLES, stateText } from '../words.ts';
import {
  assessmentAssets,
  backMatter,
  components,
  criterionObservation,
  findingOf,
  gapOf,
  idOf,
  isOpen,
  line,
  list,
  measurementObservation,
  metadata,
  nameOfResult,
  origins,
  paragraphs,
  prop,
  relatedObservations,
  riskOf,
  riskUuid,
} from './parts.ts';

/**
 * OSCAL plan of action and milestones: an item for each gap and each accepted risk, by control and attack class.
 * https://pages.nist.gov/OSCAL-Reference/models/v1.2.1/plan-of-action-and-milestones/json-outline/
 */
export function planOfAction(assessment: Assessment): unknown {
  const open = assessment.results.filter((result) => isOpen(result) || result.state === 'risk-accepted');
  const used = new Set(open.flatMap(({ criteria }) => criteria.map(({ measurement }) => measurement)));
  const resources = backMatter(assessment);
  return {
    'plan-of-action-and-milestones': {
      uuid: idOf(assessment, 'plan-of-action-and-milestones', 'all'),
      metadata: metadata(
        assessment,
        `${assessment.system.name}: plan of action on membership inference and model inversion`,
      ),
      'system-id': { 'identifier-type': 'urn:probity:system', id: line(assessment.system.id) },
      'local-definitions': { components: components(assessment), 'assessment-assets': assessmentAssets(assessment) },
      ...list('observations', [
        ...assessment.measurements.filter(({ id }) => used.has(id)).map((m) => measurementObservation(assessment, m)),
        ...open.flatMap((result) =>
          result.criteria.map((criterion) => criterionObservation(assessment, result, criterion)),
        ),
      ]),
      ...list(
        'risks',
        open.map((result) => riskOf(assessment, result)),
      ),
      ...list(
        'findings',
        open.map((result) => findingOf(assessment, result)),
      ),
      'poam-items': open.length > 0 ? open.map((result) => itemOf(assessment, result)) : [nothingOpen(assessment)],
      ...(resources.resources ? { 'back-matter': resources } : {}),
    },
  };
}

function itemOf(assessment: Assessment, result: Result) {
  const gap = gapOf(assessment, result);
  const control = assessment.controls.find(({ id }) => id === result.control);
  return {
    uuid: idOf(assessment, 'poam-item', nameOfResult(result)),
    title: line(`${result.control}, ${CLASS_TITLES[result.attackClass]}: ${control?.title ?? result.control}`),
    description: paragraphs([`${stateText(result.state, result.reason)}.`, ...(gap?.why ?? [])]),
    props: [
      prop('finding-id', gap?.id ?? nameOfResult(result)),
      prop('attack-class', result.attackClass),
      prop('state', result.state),
      prop('severity', result.severity),
      ...(gap?.owner === undefined ? [] : [prop('owner', gap.owner)]),
      ...(gap?.due === undefined ? [] : [prop('due', gap.due)]),
    ],
    origins: origins(assessment),
    'related-findings': [{ 'finding-uuid': idOf(assessment, 'finding', nameOfResult(result)) }],
    ...relatedObservations(assessment, result),
    'related-risks': [{ 'risk-uuid': riskUuid(assessment, result) }],
  };
}

/** OSCAL asks for at least one item. */
function nothingOpen(assessment: Assessment) {
  return {
    uuid: idOf(assessment, 'poam-item', 'none'),
    title: 'Nothing is open',
    description: `As of ${assessment.asOf} every result that applies is satisfied; there is nothing to do.`,
  };
}
