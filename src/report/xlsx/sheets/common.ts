import type { Assessment, Result } from '../../../assess/assessment.ts';
import type { AttackClass } from '../../../terms.ts';
import type { Cell } from '../sheet.ts';

/** The first places of some evidence, leading to the file's row in the evidence index. */
export function evidenceLink(assessment: Assessment, sources: readonly { path: string; at: string }[]): Cell {
  const first = sources[0];
  if (!first) return null;
  const row = assessment.evidence.findIndex((entry) => entry.path === first.path);
  const text = `${sources
    .slice(0, 3)
    .map((source) => `${source.path}, ${source.at}`)
    .join('\n')}${sources.length > 3 ? `\nand ${sources.length - 3} more places` : ''}`;
  return row === -1 ? text : { text, sheet: 'Evidence index', row };
}

export function resultOf(assessment: Assessment, control: string, attackClass: AttackClass): Result | undefined {
  return assessment.results.find((one) => one.control === control && one.attackClass === attackClass);
}
