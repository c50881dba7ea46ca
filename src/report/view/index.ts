import { type Assessment, assessmentDigest } from '../../assess/assessment.ts';
import { ATTACK_CLASSES } from '../../terms.ts';
import { parameterTitle, parameterValue } from '../parameters.ts';
import { type SigningStatement, signingLine } from '../signing.ts';
import { CLASS_TITLES, CONTENT_SHOWN, methodTitle, SURFACE_TITLES } from '../words.ts';
import { changeView } from './change.ts';
import { day, evidenceAnchor } from './common.ts';
import { asOfText, evidenceDates } from './dates.ts';
import { evidenceRow } from './evidence.ts';
import { citedViews, frameworkViews } from './frameworks.ts';
import { type Most, part } from './part.ts';
import { planView } from './plan.ts';
import { panel, staleResults, untested } from './summary.ts';
import { supporting } from './supporting.ts';

/**
 * An assessment as a reader meets it: words and numbers in their order, with the data of each drawing. Nothing here is
 * computed, and nothing knows how it will be drawn: numbers come from the assessment; this selects, orders and phrases.
 * @param most how much is listed of what may be very long; everything by default
 */
export function reportView(assessment: Assessment, signing: SigningStatement | undefined, most?: Most) {
  const anchors = new Map(assessment.evidence.map((entry, index) => [entry.path, evidenceAnchor(index)]));
  const frameworks = frameworkViews(assessment);
  return {
    title: `${assessment.system.name}: assurance report on membership inference and model inversion`,
    assessment,
    signing: signingLine(signing),
    contentShown: assessment.contentShown ? CONTENT_SHOWN : undefined,
    signer: signing,
    assessmentDigest: assessmentDigest(assessment),
    rootShort: assessment.evidenceRoot.slice(0, 16),
    surfaces: assessment.system.surfaces.map((surface) => SURFACE_TITLES[surface]),
    panels: ATTACK_CLASSES.map((attackClass) => panel(assessment, attackClass)),
    untested: untested(assessment),
    stale: staleResults(assessment),
    plan: planView(assessment),
    change: changeView(assessment),
    parts: ATTACK_CLASSES.map((attackClass) => part(assessment, attackClass, anchors, most)),
    supporting: supporting(assessment, anchors),
    frameworks,
    /** Those in the body of a report, in the order of the workspace. */
    cited: citedViews(assessment, frameworks),
    asOfText: asOfText(assessment),
    evidenceDates: evidenceDates(assessment),
    catalogChanges: catalogChanges(assessment),
    legacy: assessment.legacy,
    waivers: assessment.waivers.map((waiver) => ({
      ...waiver,
      className: CLASS_TITLES[waiver.attackClass],
      issued: day(waiver.issued),
      expires: day(waiver.expires),
    })),
    changes: assessment.changes.map((change) => ({
      ...change,
      date: day(change.date),
      surfaces: change.surfaces.map((surface) => SURFACE_TITLES[surface]).join(', '),
    })),
    parameters: Object.entries(assessment.profile.parameters).map(([name, value]) => ({
      name: parameterTitle(name),
      value: parameterValue(name, value),
    })),
    looser: assessment.profile.looser.map(({ parameter, value, bundled }) => ({
      name: parameterTitle(parameter),
      value: parameterValue(parameter, value),
      bundled: bundled === null ? 'nothing' : parameterValue(parameter, bundled),
    })),
    methods: [...new Set(assessment.measurements.map((m) => m.method))].sort().map(methodTitle),
    assessmentFile: 'assessment.json',
    evidence: assessment.evidence.map((entry, index) => evidenceRow(assessment, entry, evidenceAnchor(index))),
    unmapped: assessment.evidence.flatMap((entry) =>
      entry.unmapped.map((one) => ({ ...one, path: entry.path, anchor: anchors.get(entry.path) })),
    ),
    rejected: assessment.evidence.filter((entry) => !entry.accepted).length,
  };
}

/** What the user's own folders did to the catalog that comes with the package; undefined when nothing. */
function catalogChanges({ catalog }: Assessment) {
  const off = catalog.off.map((entry) => ({
    ...entry,
    className: entry.attackClass === undefined ? 'both classes' : CLASS_TITLES[entry.attackClass],
  }));
  const lines = [
    ...(catalog.added.length > 0 ? [`Added: ${catalog.added.join(', ')}.`] : []),
    ...(catalog.replaced.length > 0 ? [`Worded anew: ${catalog.replaced.join(', ')}.`] : []),
    ...(catalog.other.length > 0 ? [`Replaced as well: ${catalog.other.join(', ')}.`] : []),
  ];
  return off.length + lines.length === 0
    ? undefined
    : { off, offIds: off.map(({ control, className }) => `${control} (${className})`), lines };
}

export type ReportView = ReturnType<typeof reportView>;
