import { GAP_CHANGES } from '../../assess/history.ts';
import type { Comparison } from '../../compare/compare.ts';
import { ATTACK_CLASSES } from '../../terms.ts';
import { plural } from '../numbers.ts';
import { CLASS_PARTS, CLASS_TITLES } from '../words.ts';
import {
  errorInWords,
  GAP_CHANGE_TITLES,
  gapInWords,
  goalpostInWords,
  NUMBER_CHANGE_TITLES,
  numberInWords,
  numberName,
} from './words.ts';

/** A comparison as a reader meets it: each class by itself, then what was moved. Nothing adds the classes. */
export function comparisonView(comparison: Comparison) {
  const { system, asOf, goalposts } = comparison;
  return {
    title:
      asOf.old === asOf.new
        ? `${system.name}: what differs between two assessments as of the same day, ${asOf.new}, the first named taken as the older`
        : `${system.name}: what changed from ${asOf.old} to ${asOf.new}`,
    earlier: comparison.earlier,
    error: errorInWords(comparison),
    classes: ATTACK_CLASSES.map((attackClass) => {
      const gaps = comparison.gaps.filter((gap) => gap.attackClass === attackClass);
      const numbers = comparison.measurements.filter((one) => one.attackClass === attackClass);
      const only = (of: Comparison['onlyOld']): number => of.filter((one) => one.attackClass === attackClass).length;
      return {
        attackClass,
        title: CLASS_TITLES[attackClass],
        part: CLASS_PARTS[attackClass],
        gaps: GAP_CHANGES.map((change) => ({
          change,
          title: GAP_CHANGE_TITLES[change],
          items: gaps
            .filter((gap) => gap.change === change)
            .map((gap) => ({ control: gap.control, title: gap.title, severity: gap.severity, text: gapInWords(gap) })),
        })).filter(({ items }) => items.length > 0),
        numbers: (['worse', 'better', 'no-evidence'] as const)
          .map((change) => ({
            change,
            title: NUMBER_CHANGE_TITLES[change],
            items: numbers
              .filter((one) => one.change === change)
              .map((one) => ({ name: numberName(one), text: numberInWords(one) })),
          }))
          .filter(({ items }) => items.length > 0),
        unmatched: unmatched(only(comparison.onlyOld), only(comparison.onlyNew)),
      };
    }),
    goalposts: goalposts.map((one) => ({ looser: one.looser === true, text: goalpostInWords(one) })),
  };
}

function unmatched(old: number, fresh: number): string | undefined {
  if (old + fresh === 0) return undefined;
  return `Only in the older assessment: ${plural(old, 'number')}. Only in the newer: ${plural(fresh, 'number')}. They have nothing to be compared with.`;
}
