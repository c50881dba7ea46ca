import type { Assessment, Result } from '../../assess/assessment.ts';
import { CLASS_TITLES, stateText } from '../words.ts';
import {
  answerProps,
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
  const stillOpen = new Set(open.map(nameOfResult));
  const closed = (assessment.responses?.closed ?? []).filter((one) => !stillOpen.has(nameOfResult(one)));
  const items = [
    ...open.map((result) => itemOf(assessment, result)),
    ...closed.map((one) => closedItem(assessment, one)),
  ];
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
      ...list('risks', [
        ...open.map((result) => riskOf(assessment, result)),
        ...closed.map((one) => closedRisk(assessment, one)),
      ]),
      ...list(
        'findings',
        open.map((result) => findingOf(assessment, result)),
      ),
      'poam-items': items.length > 0 ? items : [nothingOpen(assessment)],
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
      ...answerProps(gap),
    ],
    origins: origins(assessment),
    'related-findings': [{ 'finding-uuid': idOf(assessment, 'finding', nameOfResult(result)) }],
    ...relatedObservations(assessment, result),
    'related-risks': [{ 'risk-uuid': riskUuid(assessment, result) }],
  };
}

type ClosedGap = NonNullable<Assessment['responses']>['closed'][number];

/** A gap that people answered to and that there is no more: its risk is closed where its control is satisfied now. */
function closedRisk(assessment: Assessment, one: ClosedGap) {
  const title = line(`${one.control}, ${CLASS_TITLES[one.attackClass]}: ${one.title ?? one.control}`);
  return {
    uuid: riskUuid(assessment, one),
    title,
    description: line(`A gap of an earlier assessment. ${now(one)}`),
    statement: line(now(one)),
    props: [prop('attack-class', one.attackClass), ...answerProps(one)],
    status: one.state === 'satisfied' ? 'closed' : 'not-found-any-more',
    origins: origins(assessment),
  };
}

function closedItem(assessment: Assessment, one: ClosedGap) {
  return {
    uuid: idOf(assessment, 'poam-item', nameOfResult(one)),
    title: line(`${one.control}, ${CLASS_TITLES[one.attackClass]}: ${one.title ?? one.control}`),
    description: line(`A gap of an earlier assessment. ${now(one)}`),
    props: [
      prop('finding-id', one.id),
      prop('attack-class', one.attackClass),
      ...(one.state === undefined ? [] : [prop('state', one.state)]),
      ...answerProps(one),
    ],
    origins: origins(assessment),
    'related-risks': [{ 'risk-uuid': riskUuid(assessment, one) }],
  };
}

function now({ state }: ClosedGap): string {
  return state === undefined
    ? 'The catalog has no such control any more.'
    : `Its control is ${stateText(state).toLowerCase()} now.`;
}

/** OSCAL asks for at least one item. */
function nothingOpen(assessment: Assessment) {
  return {
    uuid: idOf(assessment, 'poam-item', 'none'),
    title: 'Nothing is open',
    description: `As of ${assessment.asOf} every result that applies is satisfied; there is nothing to do.`,
  };
}
