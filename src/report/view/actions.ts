import type { Assessment, Finding } from '../../assess/assessment.ts';
import type { Reason, State } from '../../assess/outcome.ts';
import { REASONS } from '../../assess/outcome.ts';
import { SEVERITIES } from '../../catalog/schemas.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../terms.ts';

/*
 * What one would do about the gaps of an assessment, for every format: facts, without sentences. A gap that fails asks for
 * an action, a gap that nobody could assess asks for evidence. One action or request may serve several gaps, in either
 * class; what it does is listed for each class by itself.
 */

type Severity = Finding['severity'];
type ControlEntry = Assessment['controls'][number];
type Need = NonNullable<Assessment['results'][number]['criteria'][number]['needs']>[number];

/** A gap that an action closes or a request answers. */
interface Gap {
  /** The id of the finding. */
  id: string;
  control: string;
  title: string;
  attackClass: AttackClass;
  state: State;
  severity: Severity;
}

/** What it does for one class. */
export interface Effect {
  attackClass: AttackClass;
  gaps: Gap[];
  /** What its gravest gap leads to if nothing is done, as the catalog says. */
  otherwise: string;
}

/** When it is due: as somebody set it, or as proposed from the severity. */
export interface Due {
  /** ISO date. */
  date: string;
  set: boolean;
}

interface Task {
  /** Stable from one assessment to the next. */
  id: string;
  severity: Severity;
  /** Those who were named for its gaps; nobody where nobody was. */
  owners: string[];
  due: Due;
  /** One entry for each class it serves, membership inference first. */
  effects: Effect[];
}

/** Something to be done about results that fail. */
interface Action extends Task {
  kind: 'action';
  title: string;
  /** The role that decides that it is done, or that the risk is accepted. */
  decides: string;
  /** What the catalog advises, by control. */
  steps: { control: string; steps: string[] }[];
}

/** Evidence that would answer what is not assessed. */
export interface EvidenceRequest extends Task {
  kind: 'request';
  /** A test of the model, or a document. */
  of: 'test' | 'document';
  /** What would do, in the words of the catalog. */
  what: string[];
  /** An example of such a file in the package. */
  example: string | undefined;
  /** What keeps the gaps from being assessed, the weightiest first. */
  reasons: Reason[];
  /** The least samples that are known to be needed, with what there is. */
  needs: Need[];
  /** The roles that have it. */
  provides: string[];
}

/** A risk acceptance in force, which ends. */
interface Renewal {
  kind: 'renewal';
  control: string;
  title: string;
  attackClasses: AttackClass[];
  approver: string;
  /** The last day it holds. */
  ends: string;
}

/** Requests that one decision commissions. */
interface Commission extends Omit<Task, 'id'> {
  kind: 'commission';
  of: EvidenceRequest['of'];
  requests: number;
  provides: string[];
}

/** Something that somebody has to decide. */
export type Decision = Action | Commission | Renewal;

/** All that is to be done. */
interface Plan {
  actions: Action[];
  requests: EvidenceRequest[];
  renewals: Renewal[];
  /** All that is to be decided, the gravest first: actions, the requests by kind, renewals. */
  decisions: Decision[];
}

/**
 * Days in which a gap should be closed where nobody set a date. Critical and high as CISA asks of federal agencies (Binding
 * Operational Directive 19-02), the others as FedRAMP does (Continuous Monitoring Strategy Guide).
 */
const DAYS: Record<Severity, number> = { critical: 15, high: 30, medium: 90, low: 180 };

/** Everything to be done about an assessment. */
export function planOf(assessment: Assessment): Plan {
  const actions = actionsOf(assessment);
  const requests = requestsOf(assessment);
  const renewals = renewalsOf(assessment);
  const decisions = [...actions, ...commissionsOf(assessment, requests)].toSorted(
    (a, b) => rankOf(a.severity) - rankOf(b.severity) || Number(a.kind !== 'action') - Number(b.kind !== 'action'),
  );
  return { actions, requests, renewals, decisions: [...decisions, ...renewals] };
}

/** When each finding is due, by its id: the day of the first thing to be done about it. */
export function duesOf({ actions, requests }: Plan): Map<string, Due> {
  const dues = new Map<string, Due>();
  for (const { effects, due } of [...actions, ...requests])
    for (const { id } of effects.flatMap(({ gaps }) => gaps)) {
      const known = dues.get(id);
      if (!known || due.date < known.date) dues.set(id, due);
    }
  return dues;
}

function actionsOf(assessment: Assessment): Action[] {
  const controls = byId(assessment);
  const failing = assessment.findings.filter(({ state }) => state === 'not-satisfied');
  return [...Map.groupBy(failing, ({ control }) => placeOf(assessment, control).id)].map(([id, findings]): Action => {
    const place = placeOf(assessment, findings[0]?.control ?? id);
    return {
      kind: 'action',
      ...taskOf(assessment, id, findings),
      title: place.title,
      decides: place.decides,
      steps: [...new Set(findings.map(({ control }) => control))].map((control) => ({
        control,
        steps: controls.get(control)?.remediation ?? [],
      })),
    };
  });
}

/** Tests are asked for by control, documents by the kind of file, since one file answers several controls. */
function requestsOf(assessment: Assessment): EvidenceRequest[] {
  const controls = byId(assessment);
  const unknown = assessment.findings.filter(({ state }) => state === 'not-assessed');
  const asked = unknown.flatMap((finding) => {
    const control = controls.get(finding.control);
    const ofTest = isOfTest(control);
    const proofs = control?.evidence ?? [];
    const entries = ofTest || proofs.length === 0 ? [{ what: undefined, example: proofs[0]?.example }] : proofs;
    return entries.map(({ what, example }) => ({
      finding,
      ofTest,
      what: what === undefined ? proofs.map((proof) => proof.what) : [what],
      example,
      key: ofTest || example === undefined ? finding.control : example,
    }));
  });
  return [...Map.groupBy(asked, ({ key }) => key)]
    .map(([key, entries]): EvidenceRequest => {
      const findings = entries.map(({ finding }) => finding);
      const reasons = new Set(
        findings.flatMap((finding) => finding.reasons ?? (finding.reason ? [finding.reason] : [])),
      );
      return {
        kind: 'request',
        ...taskOf(assessment, `request-${slug(key)}`, findings),
        of: entries[0]?.ofTest ? 'test' : 'document',
        what: [...new Set(entries.flatMap(({ what }) => what))],
        example: entries[0]?.example,
        reasons: REASONS.filter((reason) => reasons.has(reason)),
        needs: needsOf(assessment, findings),
        provides: [...new Set(findings.map(({ control }) => placeOf(assessment, control).provides))],
      };
    })
    .toSorted(
      (a, b) => Number(a.of === 'document') - Number(b.of === 'document') || rankOf(a.severity) - rankOf(b.severity),
    );
}

function commissionsOf(assessment: Assessment, requests: readonly EvidenceRequest[]): Commission[] {
  return (['test', 'document'] as const).flatMap((of): Commission[] => {
    const own = requests.filter((request) => request.of === of);
    if (own.length === 0) return [];
    const ids = new Set(own.flatMap(({ effects }) => effects.flatMap(({ gaps }) => gaps.map(({ id }) => id))));
    const { id: _id, ...task } = taskOf(
      assessment,
      of,
      assessment.findings.filter((finding) => ids.has(finding.id)),
    );
    return [
      {
        kind: 'commission',
        of,
        ...task,
        requests: own.length,
        provides: [...new Set(own.flatMap(({ provides }) => provides))],
      },
    ];
  });
}

/** Acceptances in force; those of one control by one person until one day are renewed at once, for each class. */
function renewalsOf(assessment: Assessment): Renewal[] {
  const controls = byId(assessment);
  const held = assessment.waivers.filter(({ inForce }) => inForce);
  return [
    ...Map.groupBy(held, ({ control, approver, ends }) =>
      JSON.stringify([control, approver, ends.slice(0, 10)]),
    ).values(),
  ].flatMap((own): Renewal[] => {
    const [first] = own;
    if (!first) return [];
    const { control, approver, ends } = first;
    return [
      {
        kind: 'renewal',
        control,
        title: controls.get(control)?.title ?? control,
        attackClasses: ATTACK_CLASSES.filter((attackClass) => own.some((one) => one.attackClass === attackClass)),
        approver,
        ends: ends.slice(0, 10),
      },
    ];
  });
}

/** @param findings at least one, the gravest first within each state */
function taskOf(assessment: Assessment, id: string, findings: readonly Finding[]): Task {
  const severity = SEVERITIES.find((one) => findings.some((finding) => finding.severity === one)) ?? 'low';
  const set = findings.flatMap(({ due }) => (due === undefined ? [] : [due])).toSorted()[0];
  return {
    id,
    severity,
    owners: [...new Set(findings.flatMap(({ owner }) => (owner === undefined ? [] : [owner])))],
    due:
      set === undefined ? { date: daysAfter(assessment.asOf, DAYS[severity]), set: false } : { date: set, set: true },
    effects: ATTACK_CLASSES.flatMap((attackClass) => {
      const own = findings.filter((finding) => finding.attackClass === attackClass);
      const gravest = own.toSorted((a, b) => rankOf(a.severity) - rankOf(b.severity))[0];
      return gravest ? [{ attackClass, gaps: own.map(gapOf), otherwise: gravest.consequence }] : [];
    }),
  };
}

function gapOf({ id, control, title, attackClass, state, severity }: Finding): Gap {
  return { id, control, title, attackClass, state, severity };
}

/** The action that serves a control; one of its own where the catalog names none, by its first advice. */
function placeOf(
  assessment: Assessment,
  control: string,
): { id: string; title: string; decides: string; provides: string } {
  const found = assessment.actions?.find(({ controls }) => controls.includes(control));
  if (found) return found;
  const entry = assessment.controls.find(({ id }) => id === control);
  const owner = assessment.system.owner.name;
  const title = (entry?.remediation[0] ?? entry?.title ?? control).replace(/\.$/, '');
  return { id: control, title, decides: owner, provides: owner };
}

function needsOf(assessment: Assessment, findings: readonly Finding[]): Need[] {
  const ids = new Set(findings.map(({ control, attackClass }) => `${control}.${attackClass}`));
  const needs = assessment.results
    .filter(({ control, attackClass }) => ids.has(`${control}.${attackClass}`))
    .flatMap(({ criteria }) =>
      criteria.filter(({ state }) => state === 'not-assessed').flatMap((one) => one.needs ?? []),
    );
  return [...Map.groupBy(needs, ({ of }) => of).values()].map((same) =>
    same.reduce((most, one) => (one.atLeast > most.atLeast ? one : most)),
  );
}

function isOfTest(control: ControlEntry | undefined): boolean {
  return control?.area === 'leakage' || control?.area === 'tests';
}

function byId(assessment: Assessment): Map<string, ControlEntry> {
  return new Map(assessment.controls.map((control) => [control.id, control]));
}

function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

function slug(text: string): string {
  return text
    .replace(/^examples\//, '')
    .replace(/\.[a-z]+$/, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase();
}

function daysAfter(date: string, days: number): string {
  const day = new Date(`${date.slice(0, 10)}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}
