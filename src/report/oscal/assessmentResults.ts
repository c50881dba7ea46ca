import type { Assessment, Result } from '../../assess/assessment.ts';
import { token } from '../../files/oscal.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../terms.ts';
import { CLASS_QUESTIONS, CLASS_TITLES, STATE_TITLES, stateText, verdictInWords } from '../words.ts';
import {
  asOfMoment,
  assessmentAssets,
  backMatter,
  components,
  criterionObservation,
  findingOf,
  idOf,
  isOpen,
  line,
  list,
  measurementObservation,
  metadata,
  moment,
  paragraphs,
  prop,
  resultsOfClass,
  riskOf,
} from './parts.ts';

/**
 * OSCAL assessment results: one result for each attack class, which never share an observation, a finding or a risk.
 * https://pages.nist.gov/OSCAL-Reference/models/v1.2.1/assessment-results/json-outline/
 */
export function assessmentResults(assessment: Assessment): unknown {
  const plan = idOf(assessment, 'resource', 'assessment plan');
  const { resources = [] } = backMatter(assessment);
  return {
    'assessment-results': {
      uuid: idOf(assessment, 'assessment-results', `${assessment.period.from} ${assessment.period.to}`),
      metadata: metadata(
        assessment,
        `${assessment.system.name}: assessment results on membership inference and model inversion`,
      ),
      'import-ap': {
        href: `#${plan}`,
        remarks: 'There is no assessment plan in OSCAL; the resource says by what was assessed.',
      },
      results: ATTACK_CLASSES.map((attackClass) => resultOf(assessment, attackClass)),
      'back-matter': { resources: [planResource(assessment, plan), ...resources] },
    },
  };
}

function planResource(assessment: Assessment, uuid: string) {
  const { profile, catalog } = assessment;
  return {
    uuid,
    title: 'By what was assessed',
    description: paragraphs([
      `Every control of the catalog, ${catalog.controls} in number, for each attack class it names, by the thresholds of profile "${profile.title}".`,
      'The catalog and its profiles in OSCAL are written by: probity catalog export.',
    ]),
    props: [
      prop('catalog-sha256', catalog.sha256),
      ...Object.entries(profile.parameters).map(([name, value]) => prop(name, value)),
    ],
  };
}

function resultOf(assessment: Assessment, attackClass: AttackClass) {
  const verdict = assessment.verdicts[attackClass];
  const results = resultsOfClass(assessment, attackClass);
  const applicable = results.filter(({ state }) => state !== 'not-applicable');
  const risky = results.filter((result) => isOpen(result) || result.state === 'risk-accepted');
  const start = moment(assessment.period.from) ?? asOfMoment(assessment);
  const end = asOfMoment(assessment);
  return {
    uuid: idOf(assessment, 'result', `${attackClass} ${assessment.period.from} ${assessment.period.to}`),
    title: CLASS_TITLES[attackClass],
    description: paragraphs([
      CLASS_QUESTIONS[attackClass],
      `${STATE_TITLES[verdict.state]}. ${verdictInWords(verdict).join(' ')}`,
    ]),
    start: start < end ? start : end,
    end,
    props: [
      prop('attack-class', attackClass),
      prop('verdict', verdict.state),
      ...Object.entries(verdict.counts).map(([state, count]) => prop(`count-${state}`, count)),
      ...Object.entries(verdict.passes).map(([basis, count]) => prop(`passes-${basis}`, count)),
    ],
    'local-definitions': { components: components(assessment), 'assessment-assets': assessmentAssets(assessment) },
    'reviewed-controls': { 'control-selections': [selection(results)] },
    ...list('observations', [
      ...assessment.measurements
        .filter((m) => m.attackClass === attackClass)
        .map((m) => measurementObservation(assessment, m)),
      ...applicable.flatMap((result) =>
        result.criteria.map((criterion) => criterionObservation(assessment, result, criterion)),
      ),
    ]),
    ...list(
      'risks',
      risky.map((result) => riskOf(assessment, result)),
    ),
    ...list(
      'findings',
      applicable.map((result) => findingOf(assessment, result)),
    ),
    remarks:
      'OSCAL knows satisfied and not satisfied. What was not assessed stands as not satisfied, with reason "other" and its exact state in the property "state".',
  };
}

/** The controls that apply to a class; those that do not are excluded, with the reason. */
function selection(results: readonly Result[]) {
  const ids = (wanted: readonly Result[]) => wanted.map(({ control }) => ({ 'control-id': token(control) }));
  const applicable = results.filter(({ state }) => state !== 'not-applicable');
  const others = results.filter(({ state }) => state === 'not-applicable');
  return {
    ...(applicable.length > 0 ? { 'include-controls': ids(applicable) } : { 'include-all': {} }),
    ...list('exclude-controls', ids(others)),
    ...(others.length > 0
      ? {
          remarks: paragraphs(
            others.map(
              (result) =>
                `${result.control}: ${stateText(result.state)}. ${result.switchedOff ? `${result.switchedOff.by}: ${result.switchedOff.reason}` : line(result.criteria.map(({ detail }) => detail).join(' '))}`,
            ),
          ),
        }
      : {}),
  };
}
