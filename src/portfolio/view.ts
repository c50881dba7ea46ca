import { STATES, type State } from '../assess/outcome.ts';
import { figure, percent } from '../report/numbers.ts';
import { CLASS_PARTS, CLASS_TITLES, measureTitle, STATE_TITLES, SURFACE_TITLES } from '../report/words.ts';
import { daysBetween } from '../schema.ts';
import { ATTACK_CLASSES, type AttackClass } from '../terms.ts';
import { gapCounts, type Portfolio, type SharedCause } from './portfolio.ts';
import type { ClassFacts, PortfolioSystem, WorstBound } from './system.ts';

/* A portfolio as a reader meets it. Numbers come from it; this selects, orders and phrases. */

const CAUSE_TITLES: Record<SharedCause['kind'], string> = {
  identity: 'Identity',
  model: 'Model',
  store: 'Store',
  test: 'Test handed in for several systems',
};

const VERDICTS = ['not-satisfied', 'not-assessed', 'satisfied'] as const;
const SHORT: Record<State, string> = {
  satisfied: 'S',
  'not-satisfied': 'N',
  'not-assessed': '?',
  'not-applicable': '·',
  'risk-accepted': 'A',
};

export function portfolioView(portfolio: Portfolio) {
  const { systems, asOf } = portfolio;
  return {
    title: 'Portfolio: membership inference and model inversion, each on its own',
    asOf,
    tool: `${portfolio.tool.name} ${portfolio.tool.version}`,
    root: portfolio.evidenceRoot,
    filter: Object.entries(portfolio.filter).map(([name, value]) => `${name} ${value}`),
    leftOut: portfolio.leftOut,
    count: systems.length,
    classes: ATTACK_CLASSES.map((attackClass) => ({
      attackClass,
      part: CLASS_PARTS[attackClass],
      title: CLASS_TITLES[attackClass],
      states: VERDICTS.map((state) => ({
        state,
        title: STATE_TITLES[state],
        count: systems.filter(({ verdicts }) => verdicts[attackClass].state === state).length,
      })),
      untested: systems.filter(({ classes }) => classes[attackClass].untested.length > 0).length,
      stale: systems.filter(({ classes }) => classes[attackClass].stale.length > 0).length,
      changed: systems.filter(({ classes }) => {
        const { change } = classes[attackClass];
        return change !== null && change.new + change.reopened > 0;
      }).length,
      actions: portfolio.actions.filter((action) => action.attackClass === attackClass),
      controls: portfolio.controls
        .map(({ id, title }) => ({ id, title, counts: countsOf(systems, attackClass, id) }))
        .filter(({ counts }) => counts.some(({ count }) => count > 0)),
    })),
    systems: systems.map((system) => ({
      ...system,
      age: daysBetween(system.asOf, asOf),
      sides: ATTACK_CLASSES.map((attackClass) => side(system, attackClass, asOf)),
    })),
    matrix: ATTACK_CLASSES.map((attackClass) => ({
      attackClass,
      title: CLASS_TITLES[attackClass],
      rows: portfolio.controls
        .map(({ id, title }) => ({
          id,
          title,
          cells: systems.map(({ id: system, classes }) => {
            const state = classes[attackClass].results[id];
            return {
              system,
              state: state ?? 'none',
              short: state === undefined ? '' : SHORT[state],
              text: state === undefined ? 'not asked' : STATE_TITLES[state],
            };
          }),
        }))
        .filter(({ cells }) => cells.some(({ state }) => state !== 'none')),
    })),
    causes: portfolio.causes.map((cause) => ({
      ...cause,
      title: CAUSE_TITLES[cause.kind],
      count: cause.systems.length,
    })),
    endingSoon: portfolio.endingSoon.map((one) => ({ ...one, className: CLASS_TITLES[one.attackClass] })),
    frameworks: portfolio.frameworks.map((framework) => ({
      ...framework,
      sides: ATTACK_CLASSES.map((attackClass) => ({
        className: CLASS_TITLES[attackClass],
        ...frameworkCounts(systems, framework.id, attackClass),
      })),
    })),
    signers: signersOf(systems),
    refused: portfolio.refused,
    earlier: portfolio.earlier,
  };
}

export type PortfolioView = ReturnType<typeof portfolioView>;

function countsOf(systems: readonly PortfolioSystem[], attackClass: AttackClass, control: string) {
  return STATES.map((state) => ({
    state,
    count: systems.filter(({ classes }) => classes[attackClass].results[control] === state).length,
  }));
}

/** One class of one system, as a row shows it. */
function side(system: PortfolioSystem, attackClass: AttackClass, asOf: string) {
  const facts = system.classes[attackClass];
  const { state } = system.verdicts[attackClass];
  const counts = gapCounts(facts.gaps);
  const oldest = facts.gaps.map(({ since }) => since).sort()[0];
  return {
    attackClass,
    state,
    text: STATE_TITLES[state],
    gaps: counts,
    gapsText: `${counts.critical} / ${counts.high} / ${counts.medium} / ${counts.low}`,
    oldest: oldest === undefined ? '' : `${daysBetween(oldest, asOf)} d`,
    worst: worstText(facts.worst),
    use: facts.worst?.use ?? null,
    useText: useText(facts.worst),
    untested: facts.untested.map((surface) => SURFACE_TITLES[surface]),
    stale: facts.stale.length,
    acceptances: facts.acceptances.length,
    changeText: changeText(facts.change),
  };
}

function worstText(worst: WorstBound | null): string {
  if (!worst) return 'no bound';
  const { control, measure, bound, observed, threshold } = worst;
  return `${control}: ${measureTitle(measure)} ${figure(measure, bound ?? observed)}, limit ${figure(measure, threshold)}`;
}

/** How much of its limit the worst bound uses up. */
function useText(worst: WorstBound | null): string {
  if (!worst || worst.use === null) return '';
  return worst.use >= 10 ? 'over 10×' : percent(worst.use);
}

function changeText(change: ClassFacts['change']): string {
  if (!change) return 'first';
  const parts = [
    change.new > 0 ? `${change.new} new` : '',
    change.reopened > 0 ? `${change.reopened} reopened` : '',
    change.closed > 0 ? `${change.closed} closed` : '',
    change.evidenceGone > 0 ? `${change.evidenceGone} gone without evidence` : '',
    change.worse > 0 ? `${change.worse} worse` : '',
    change.better > 0 ? `${change.better} better` : '',
  ].filter(Boolean);
  return parts.length === 0 ? 'no change shown' : parts.join(', ');
}

function frameworkCounts(systems: readonly PortfolioSystem[], id: string, attackClass: AttackClass) {
  const counts: Record<State, number> = {
    satisfied: 0,
    'not-satisfied': 0,
    'not-assessed': 0,
    'not-applicable': 0,
    'risk-accepted': 0,
  };
  for (const { frameworks } of systems)
    for (const state of STATES) counts[state] += frameworks[id]?.[attackClass][state] ?? 0;
  return { counts };
}

/** Who signed, and how many packs. */
function signersOf(systems: readonly PortfolioSystem[]) {
  const found = new Map<string, { signer: string; fingerprint: string; trusted: boolean; packs: number }>();
  for (const { signers } of systems)
    for (const { signer, fingerprint, trusted } of signers) {
      const known = found.get(fingerprint) ?? { signer, fingerprint, trusted, packs: 0 };
      known.packs++;
      found.set(fingerprint, known);
    }
  return [...found.values()].sort((a, b) => b.packs - a.packs || (a.fingerprint < b.fingerprint ? -1 : 1));
}
