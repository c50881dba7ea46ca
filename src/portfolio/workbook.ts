import { CLASS_TITLES, STATE_TITLES, stateText } from '../report/words.ts';
import { type Sheet, tableWorkbook } from '../report/xlsx/tables.ts';
import { ATTACK_CLASSES } from '../terms.ts';
import type { Portfolio } from './portfolio.ts';
import { type PortfolioView, portfolioView } from './view.ts';

/** The portfolio as a workbook: each class by itself, the same bytes for the same portfolio. */
export function renderPortfolioWorkbook(portfolio: Portfolio, digest: string, signing: string): Uint8Array {
  const view = portfolioView(portfolio);
  const footer = `Portfolio as of ${portfolio.asOf}, root ${portfolio.evidenceRoot.slice(0, 16)}`;
  return tableWorkbook(
    [
      systemsSheet(view, signing),
      gapsSheet(portfolio),
      ...view.matrix.map((one) => matrixSheet(one, view)),
      actionsSheet(portfolio),
      causesSheet(view),
      acceptancesSheet(view),
      frameworksSheet(view),
      packsSheet(portfolio),
      aboutSheet(portfolio, digest),
    ],
    footer,
    {
      title: view.title,
      subject: `As of ${portfolio.asOf}; root over the packs ${portfolio.evidenceRoot}`,
      creator: view.tool,
      company: '',
      made: portfolio.asOf.slice(0, 10),
    },
  );
}

function systemsSheet(view: PortfolioView, signing: string): Sheet {
  return {
    name: 'Systems',
    table: 'Systems',
    intro: [
      view.title,
      `As of ${view.asOf}: ${view.count} systems${view.filter.length > 0 ? `, only ${view.filter.join(', ')} (${view.leftOut} left out)` : ''}. Classes and systems are never added into a score.`,
      signing,
    ],
    columns: [
      { name: 'System', width: 26 },
      { name: 'Id', width: 20 },
      { name: 'Owner', width: 22 },
      { name: 'Tier', width: 11 },
      { name: 'Unit', width: 16 },
      { name: 'As of', width: 12 },
      { name: 'Verified', width: 10 },
      { name: 'Attack class', width: 22 },
      { name: 'State', width: 16, states: true },
      { name: 'Worst bound', width: 46 },
      { name: 'Share of its limit', width: 12 },
      { name: 'Critical', width: 9 },
      { name: 'High', width: 9 },
      { name: 'Medium', width: 9 },
      { name: 'Low', width: 9 },
      { name: 'Oldest gap', width: 11 },
      { name: 'Untested surfaces', width: 30 },
      { name: 'Stale controls', width: 10 },
      { name: 'Acceptances', width: 12 },
      { name: 'Since the pack before', width: 30 },
    ],
    rows: view.systems.flatMap((system) =>
      system.sides.map((one) => [
        system.name,
        system.id,
        system.owner,
        system.taggedTier === undefined ? system.tier : `${system.tier} (its tag says ${system.taggedTier})`,
        system.unit ?? null,
        system.asOf,
        system.verified ? 'yes' : 'no',
        CLASS_TITLES[one.attackClass],
        one.text,
        one.worst,
        one.useText,
        one.gaps.critical,
        one.gaps.high,
        one.gaps.medium,
        one.gaps.low,
        one.oldest,
        one.untested.join(', '),
        one.stale,
        one.acceptances,
        one.changeText,
      ]),
    ),
  };
}

function gapsSheet({ systems, controls }: Portfolio): Sheet {
  const titles = new Map(controls.map(({ id, title }) => [id, title]));
  return {
    name: 'Open gaps',
    table: 'OpenGaps',
    intro: ['Every open gap, by system and class'],
    columns: [
      { name: 'System', width: 26 },
      { name: 'Attack class', width: 22 },
      { name: 'Control', width: 12 },
      { name: 'Title', width: 60 },
      { name: 'State', width: 40, states: true },
      { name: 'Severity', width: 11 },
      { name: 'Open since', width: 12 },
    ],
    rows: systems.flatMap(({ id, classes }) =>
      ATTACK_CLASSES.flatMap((attackClass) =>
        classes[attackClass].gaps.map(({ control, state, reason, severity, since }) => [
          id,
          CLASS_TITLES[attackClass],
          control,
          titles.get(control) ?? '',
          stateText(state, reason),
          severity,
          since,
        ]),
      ),
    ),
  };
}

function matrixSheet({ attackClass, title, rows }: PortfolioView['matrix'][number], view: PortfolioView): Sheet {
  const short = attackClass === 'inversion' ? 'Inversion' : 'Membership';
  return {
    name: `Matrix ${short.toLowerCase()}`,
    table: `Matrix${short}`,
    intro: [`${title}: each control in each system`],
    // The names of a table's columns are each there once, whatever systems are called.
    columns: [
      { name: 'Control', width: 12 },
      { name: 'Title', width: 50 },
      ...view.systems.map(({ id }) => ({ name: `System ${id}`, width: 16, states: true })),
    ],
    rows: rows.map(({ id, title: what, cells }) => [id, what, ...cells.map(({ text }) => text)]),
  };
}

function actionsSheet({ actions }: Portfolio): Sheet {
  return {
    name: 'Shared actions',
    table: 'SharedActions',
    intro: ['One action for the gap of the same control in several systems, per class'],
    columns: [
      { name: 'Attack class', width: 22 },
      { name: 'Control', width: 12 },
      { name: 'Title', width: 50 },
      { name: 'Severity', width: 11 },
      { name: 'Action', width: 70 },
      { name: 'Systems', width: 10 },
      { name: 'Which', width: 60 },
    ],
    rows: actions.map(({ attackClass, control, title, severity, action, systems }) => [
      CLASS_TITLES[attackClass],
      control,
      title,
      severity,
      action,
      systems.length,
      systems.join(', '),
    ]),
  };
}

function causesSheet({ causes }: PortfolioView): Sheet {
  return {
    name: 'Shared causes',
    table: 'SharedCauses',
    intro: [
      'What several systems share: an identity, a model, a store that several reach, a test that was handed in for several',
    ],
    columns: [
      { name: 'Kind', width: 30 },
      { name: 'Name', width: 60 },
      { name: 'Systems', width: 10 },
      { name: 'Which', width: 60 },
    ],
    rows: causes.map(({ title, name, count, systems }) => [title, name, count, systems.join(', ')]),
  };
}

function acceptancesSheet({ endingSoon }: PortfolioView): Sheet {
  return {
    name: 'Acceptances that end',
    table: 'Acceptances',
    intro: ['Risk acceptances that end within 60 days, or have ended'],
    columns: [
      { name: 'Ends', width: 12 },
      { name: 'System', width: 26 },
      { name: 'Attack class', width: 22 },
      { name: 'Control', width: 12 },
      { name: 'Approver', width: 30 },
    ],
    rows: endingSoon.map(({ ends, system, className, control, approver }) => [
      ends,
      system,
      className,
      control,
      approver,
    ]),
  };
}

function frameworksSheet({ frameworks }: PortfolioView): Sheet {
  return {
    name: 'Frameworks',
    table: 'Frameworks',
    intro: [
      'States of framework items over all systems, per class',
      'A satisfied control is not a met requirement: it shows what the control asks, and no more.',
    ],
    columns: [
      { name: 'Framework', width: 26 },
      { name: 'Attack class', width: 22 },
      { name: STATE_TITLES.satisfied, width: 12 },
      { name: STATE_TITLES['not-satisfied'], width: 14 },
      { name: STATE_TITLES['not-assessed'], width: 14 },
      { name: STATE_TITLES['risk-accepted'], width: 14 },
      { name: STATE_TITLES['not-applicable'], width: 14 },
    ],
    rows: frameworks.flatMap(({ short, sides }) =>
      sides.map(({ className, counts }) => [
        short,
        className,
        counts.satisfied,
        counts['not-satisfied'],
        counts['not-assessed'],
        counts['risk-accepted'],
        counts['not-applicable'],
      ]),
    ),
  };
}

function packsSheet({ systems, refused, earlier }: Portfolio): Sheet {
  return {
    name: 'Packs',
    table: 'Packs',
    intro: ['Which packs were read, who signed them, and which count for nothing'],
    columns: [
      { name: 'Path', width: 50 },
      { name: 'System', width: 24 },
      { name: 'As of', width: 12 },
      { name: 'Counts', width: 18 },
      { name: 'Signed by', width: 44 },
      { name: 'Why not', width: 70 },
      { name: 'Assessment, SHA-256', width: 68 },
    ],
    rows: [
      ...systems.map(({ path, id, asOf, verified, signers, sha256 }) => [
        path,
        id,
        asOf,
        verified ? 'verified' : 'not verified',
        signers.map(({ signer, trusted }) => `${signer}${trusted ? '' : ' (not verified)'}`).join(', '),
        null,
        sha256,
      ]),
      ...earlier.map(({ path, id, asOf, sha256 }) => [path, id, asOf, 'for comparison', null, null, sha256]),
      ...refused.map(({ path, why }) => [path, null, null, 'no', null, why, null]),
    ],
  };
}

function aboutSheet(portfolio: Portfolio, digest: string): Sheet {
  return {
    name: 'About',
    table: 'About',
    intro: ['About this workbook'],
    columns: [
      { name: 'What', width: 34 },
      { name: 'Value', width: 80 },
    ],
    rows: [
      ['As of', portfolio.asOf],
      ['Made by', `${portfolio.tool.name} ${portfolio.tool.version}`],
      ['Root over the packs', portfolio.evidenceRoot],
      ['Portfolio, SHA-256', digest],
    ],
  };
}
