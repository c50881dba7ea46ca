import { markdownText } from '../report/markdown.ts';
import { CLASS_TITLES, SURFACE_TITLES } from '../report/words.ts';
import { type Sheet, tableWorkbook } from '../report/xlsx/tables.ts';
import { ATTACK_CLASSES } from '../terms.ts';
import { TOOL } from '../tool.ts';
import { grouped } from '../wording.ts';
import type { NeededRecord, Plan, PlannedTest } from './plan.ts';

/* A plan as people read it: terminal lines, Markdown, a workbook. */

/** What a test has to hold, in words. */
export function sampleInWords({ sample }: PlannedTest): string {
  const parts = [
    sample.members === undefined ? '' : `${grouped(sample.members)} members`,
    sample.nonMembers === undefined ? '' : `${grouped(sample.nonMembers)} non-members`,
    sample.trials === undefined
      ? ''
      : `${grouped(sample.trials)} ${sample.candidates === undefined ? 'trials' : 'canaries'}`,
    sample.candidates === undefined ? '' : `among ${grouped(sample.candidates)} candidates`,
    sample.queries === undefined ? '' : `${grouped(sample.queries)} queries, or a refusal that the test sees`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** What shows that the attack could have succeeded, in words. */
export function controlInWords({ control }: PlannedTest): string {
  if (!control) return 'none asked by this profile';
  const kinds = {
    counts: 'positive control, its counts',
    file: 'positive control, its file of scores',
    'planted or control': "targets that the testers planted, a known tool's own detector, or a positive control",
    run: 'positive control, a run of its own',
  };
  return `${kinds[control.kind]}: ${control.how}`;
}

export function toolInWords({ tool, command, template }: PlannedTest | NonNullable<PlannedTest['screening']>): string {
  if (command) return `${tool}: ${command}`;
  return `${tool}; fill in ${template ?? 'a ProbeResult'}`;
}

/** Whether somebody planned it already, in words. */
export function plannedInWords({ planned }: PlannedTest): string {
  return planned === undefined ? '' : planned ? 'planned' : 'not planned yet';
}

export function costInWords({ calls, hours }: { calls: number; hours: number }): string {
  return `${grouped(calls)} calls, ${hours} hours`;
}

function classesInWords({ attackClasses }: NeededRecord): string {
  return attackClasses.map((one) => CLASS_TITLES[one]).join(', ');
}

/** What the figures of a plan mean, in a sentence. */
export function powerInWords({ callsPerSecond }: Plan): string {
  return `Samples let a system at half its limit pass in 80% of cases, each criterion by itself; where no success is allowed, one that gives nothing away. Costs count a positive control as a run of the same size, at ${callsPerSecond} calls a second, and no training of reference models.`;
}

export function planMarkdown(plan: Plan): string {
  const lines = [
    `# Evidence that ${markdownText(plan.system.name)} needs`,
    '',
    `Risk tier ${plan.system.riskTier}, profile ${markdownText(plan.profile)}. ${markdownText(powerInWords(plan))}`,
    '',
  ];
  for (const attackClass of ATTACK_CLASSES) {
    const tests = plan.tests.filter((one) => one.attackClass === attackClass);
    lines.push(`## ${CLASS_TITLES[attackClass]}: tests`, '', `${costInWords(plan.cost[attackClass])}.`, '');
    lines.push(
      '| Technique | Surface | Target | Sample | Tool | Could it succeed? | Controls |',
      '| --- | --- | --- | --- | --- | --- | --- |',
    );
    for (const one of tests)
      lines.push(
        `| ${markdownText(one.title)} | ${SURFACE_TITLES[one.surface]} | ${markdownText(one.target)} | ${sampleInWords(one)} | ${markdownText(toolInWords(one))} | ${markdownText(controlInWords(one))} | ${one.controls.join(', ')} |`,
      );
    lines.push('');
  }
  lines.push(
    '## Records, inventories and statements',
    '',
    '| Control | Class | Kind | What |',
    '| --- | --- | --- | --- |',
  );
  for (const one of plan.records)
    lines.push(`| ${one.control} | ${classesInWords(one)} | ${one.kind} | ${markdownText(one.what)} |`);
  return `${lines.join('\n')}\n`;
}

/** @param asOf the day it stands for, so that the same plan gives the same bytes */
export function planWorkbook(plan: Plan, asOf: string): Uint8Array {
  const sheets: Sheet[] = [
    {
      name: 'Tests',
      table: 'Tests',
      intro: [`Evidence that ${plan.system.name} needs: tests`, powerInWords(plan)],
      columns: [
        { name: 'Attack class', width: 22 },
        { name: 'Technique', width: 26 },
        { name: 'Surface', width: 18 },
        { name: 'Target', width: 26 },
        { name: 'Sample', width: 30 },
        { name: 'Tool', width: 60 },
        { name: 'Could it succeed?', width: 50 },
        { name: 'Comparable by', width: 40 },
        { name: 'Calls', width: 10 },
        { name: 'Hours', width: 9 },
        { name: 'Controls', width: 18 },
        { name: 'Or instead', width: 30 },
        { name: 'Besides, can show leakage only', width: 50 },
        { name: 'Planned', width: 14 },
      ],
      rows: plan.tests.map((one) => [
        CLASS_TITLES[one.attackClass],
        one.title,
        SURFACE_TITLES[one.surface],
        one.target,
        sampleInWords(one),
        toolInWords(one),
        controlInWords(one),
        one.assignment ?? null,
        one.cost.calls,
        one.cost.hours,
        one.controls.join(', '),
        one.instead.join(', '),
        one.screening ? toolInWords(one.screening) : null,
        plannedInWords(one),
      ]),
    },
    {
      name: 'Records',
      table: 'Records',
      intro: [`Evidence that ${plan.system.name} needs: records, inventories and statements`],
      columns: [
        { name: 'Control', width: 12 },
        { name: 'Attack class', width: 40 },
        { name: 'Kind', width: 24 },
        { name: 'What', width: 90 },
        { name: 'Example', width: 44 },
      ],
      rows: plan.records.map((one) => [one.control, classesInWords(one), one.kind, one.what, one.example ?? null]),
    },
  ];
  return tableWorkbook(sheets, `Plan for ${plan.system.name}, profile ${plan.profile}`, {
    title: `Evidence that ${plan.system.name} needs`,
    subject: `Profile ${plan.profile}`,
    creator: `${TOOL.name} ${TOOL.version}`,
    company: '',
    made: asOf,
  });
}
