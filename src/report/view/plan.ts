import type { Assessment } from '../../assess/assessment.ts';
import { ATTACK_CLASSES } from '../../terms.ts';
import { grouped } from '../../wording.ts';
import { plural } from '../numbers.ts';
import { CLASS_PARTS, CLASS_TITLES, REASON_TITLES } from '../words.ts';
import { type Decision, type Due, type Effect, type EvidenceRequest, planOf } from './actions.ts';
import { gapAnchor } from './common.ts';

/** How many decisions the page for those who decide asks for. */
const DECISIONS = 5;

/** What is to be done, in words: the first decisions, the whole action plan, and the evidence that is asked for. */
export function planView(assessment: Assessment) {
  const { actions, requests, decisions, renewals } = planOf(assessment);
  return {
    decisions: decisions.slice(0, DECISIONS).map((decision) => decisionView(assessment, decision)),
    more: Math.max(0, decisions.length - DECISIONS),
    actions: actions.map((action, index) => ({
      number: index + 1,
      title: action.title,
      severity: action.severity,
      who: action.owners.length > 0 ? action.owners.join(', ') : action.decides,
      due: dueText(action.due, assessment),
      ...statusOf(assessment, action.effects),
      closes: closesOf(action.effects),
    })),
    requests: requests.map((request) => ({
      title: requestTitle(assessment, request),
      what: request.what.length === 1 ? request.what[0] : undefined,
      example: request.example,
      reasons: request.reasons.map((reason) => REASON_TITLES[reason]).join(', '),
      needs: needsText(request),
      from: request.provides.join('; '),
      severity: request.severity,
      due: dueText(request.due, assessment),
      closes: closesOf(request.effects),
    })),
    renewals: renewals.map(({ control, title, attackClasses, approver, ends }) => ({
      text: `${attackClasses.map((attackClass) => CLASS_TITLES[attackClass]).join(' and ')}: the acceptance of ${control} (${title}) by ${approver} ends on ${ends}.`,
    })),
  };
}

/** How far an action is: what people say of its gaps, and since when they are open where an earlier assessment says. */
function statusOf(assessment: Assessment, effects: readonly Effect[]): { status: string; statusParts: string[] } {
  const ids = new Set(effects.flatMap(({ gaps }) => gaps.map(({ id }) => id)));
  const said = assessment.findings.flatMap(({ id, status }) => (ids.has(id) && status !== undefined ? [status] : []));
  const counts = [...Map.groupBy(said, (status) => status)].map(([status, all]) =>
    all.length === ids.size ? status : `${all.length} of ${ids.size} ${status}`,
  );
  const before = (assessment.history?.gaps ?? []).filter(({ control, attackClass }) =>
    ids.has(`${control}.${attackClass}`),
  );
  const since = before
    .flatMap((gap) => (gap.change === 'open' && gap.since !== undefined ? [gap.since] : []))
    .toSorted()[0];
  const changes = [
    since === undefined ? '' : `open since ${since}`,
    ...(['new', 'reopened'] as const).map((change) => {
      const many = before.filter((gap) => gap.change === change).length;
      return many === 0 ? '' : many === ids.size ? change : `${many} ${change}`;
    }),
  ].filter((text) => text !== '');
  const parts = [...counts, ...changes];
  const statusParts = parts.length > 0 ? parts : ['no response'];
  return { status: statusParts.join(', '), statusParts };
}

function decisionView(assessment: Assessment, decision: Decision) {
  if (decision.kind === 'renewal')
    return {
      what: `Renew the acceptance of ${decision.control}, or close the gap`,
      otherwise: decision.attackClasses.map((attackClass) => ({
        letter: CLASS_PARTS[attackClass],
        text: 'The gap counts again from then on.',
      })),
      closes: '',
      who: decision.approver,
      due: decision.ends,
    };
  const otherwise = decision.effects.map((effect) => ({
    letter: CLASS_PARTS[effect.attackClass],
    text: decision.kind === 'commission' ? unknown(effect.gaps.length) : effect.otherwise,
  }));
  const closes = decision.effects
    .map(({ attackClass, gaps }) => `${plural(gaps.length, 'gap')} of ${CLASS_PARTS[attackClass]}`)
    .join(', ');
  return decision.kind === 'commission'
    ? {
        what: `Commission the ${plural(decision.requests, decision.of)} that ${decision.requests === 1 ? 'is' : 'are'} missing`,
        otherwise,
        closes: `answers ${closes}`,
        who: assessment.system.owner.name,
        due: dueText(decision.due, assessment),
      }
    : {
        what: decision.title,
        otherwise,
        closes: `closes ${closes}`,
        who: decision.owners.length > 0 ? decision.owners.join(', ') : decision.decides,
        due: dueText(decision.due, assessment),
      };
}

function unknown(gaps: number): string {
  return `Whether ${plural(gaps, 'control holds', 'controls hold')} stays unknown, and counts as not passed.`;
}

/** Gaps by class, in the order of the classes; empty where it does nothing for one. */
function closesOf(effects: readonly Effect[]) {
  return ATTACK_CLASSES.map((attackClass) => ({
    letter: CLASS_PARTS[attackClass],
    gaps: (effects.find((effect) => effect.attackClass === attackClass)?.gaps ?? []).map((gap) => ({
      control: gap.control,
      anchor: gapAnchor(gap),
    })),
  }));
}

/** A date, and whether somebody set it and it is past. */
export function dueText({ date, set }: Due, { asOf }: Pick<Assessment, 'asOf'>): string {
  if (!set) return `${date} (proposed)`;
  return date < asOf.slice(0, 10) ? `${date} (overdue)` : date;
}

function requestTitle(assessment: Assessment, request: EvidenceRequest): string {
  if (request.of === 'test') {
    const gap = request.effects[0]?.gaps[0];
    return gap ? `${gap.control}: ${gap.title}` : '';
  }
  const control = request.effects[0]?.gaps[0];
  return request.example === undefined && control !== undefined
    ? (assessment.controls.find(({ id }) => id === control.control)?.title ?? control.control)
    : fileTitle(request.example ?? '');
}

/** The kind of file that an example is of: `examples/store-facts.yaml` is "Store facts". */
function fileTitle(example: string): string {
  const name = example
    .replace(/^.*examples\//, '')
    .replace(/\.[a-z]+$/, '')
    .replace('/', ': ')
    .replaceAll('-', ' ');
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

function needsText({ needs }: EvidenceRequest): string {
  return needs.map(({ of, atLeast, has }) => `${grouped(atLeast)} ${of}, has ${grouped(has)}`).join('; ');
}
