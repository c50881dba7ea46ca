import type { Assessment } from '../../src/assess/assessment.ts';
import { verdictOf } from '../../src/assess/verdicts.ts';
import { SEVERITIES } from '../../src/catalog/schemas.ts';
import { ATTACK_CLASSES } from '../../src/terms.ts';

/** An assessment of as many findings as asked for, half of each class, each of a control of its own. @param count even */
export function manyFindings(example: Assessment, count: number): Assessment {
  const made = structuredClone(example);
  const [control, finding, result] = [made.controls[0], made.findings[0], made.results[0]];
  if (!control || !finding || !result) return made;
  const numbers = Array.from({ length: count / 2 }, (_, index) => index + 1);
  const severityOf = (number: number) => SEVERITIES[number % SEVERITIES.length] ?? 'low';
  made.controls = numbers.map((number) => ({
    ...control,
    id: `ZZ-${number}`,
    title: `Finding ${number}`,
    severity: severityOf(number),
    consequences: { 'membership-inference': 'It leaks.', inversion: 'It comes out.' },
  }));
  const both = numbers.flatMap((number) => ATTACK_CLASSES.map((attackClass) => ({ number, attackClass })));
  made.results = both.map(({ number, attackClass }) => ({
    ...result,
    control: `ZZ-${number}`,
    attackClass,
    state: 'not-satisfied',
    severity: severityOf(number),
    criteria: [
      {
        id: 'c',
        statement: 'The finding is not there.',
        state: 'not-satisfied',
        observed: number,
        bound: null,
        threshold: 0,
        detail: `Finding ${number} was found at place ${number} of the inventory.`,
        evidence: [],
      },
    ],
  }));
  made.findings = both.map(({ number, attackClass }) => ({
    ...finding,
    id: `ZZ-${number}.${attackClass}`,
    control: `ZZ-${number}`,
    attackClass,
    state: 'not-satisfied',
    severity: severityOf(number),
    title: `Finding ${number}`,
    why: [`Finding ${number} was found at place ${number} of the inventory.`],
    evidence: [],
  }));
  for (const attackClass of ATTACK_CLASSES)
    made.verdicts[attackClass] = verdictOf(made.results, attackClass, made.verdicts[attackClass].outside);
  return made;
}
