import type { Comparison } from '../../compare/compare.ts';
import { markdownText } from '../markdown.ts';
import { comparisonView } from './view.ts';

/** A step summary or a comment on a pull request takes no more than this. */
const MOST_BYTES = 60_000;

/** A comparison as Markdown, for a pull request or a step summary. What would not fit is counted. */
export function comparisonMarkdown(comparison: Comparison): string {
  const view = comparisonView(comparison);
  const lines: string[] = [`# ${markdownText(view.title)}`, ''];
  for (const { title, gaps, numbers, unmatched } of view.classes) {
    lines.push(`## ${markdownText(title)}`, '', '### Gaps', '');
    if (gaps.length === 0) lines.push('No gap before, and none now.', '');
    for (const group of gaps) {
      lines.push(`**${markdownText(group.title)}** (${group.items.length})`, '');
      for (const item of group.items)
        lines.push(
          `- **${markdownText(item.control)}** ${markdownText(item.title)} (${item.severity}): ${markdownText(item.text)}`,
        );
      lines.push('');
    }
    lines.push('### Numbers', '');
    if (numbers.length === 0) lines.push('No number stands in both assessments.', '');
    for (const group of numbers) {
      lines.push(`**${markdownText(group.title)}** (${group.items.length})`, '');
      for (const item of group.items) lines.push(`- ${markdownText(item.name)}: ${markdownText(item.text)}`);
      lines.push('');
    }
    if (unmatched) lines.push(markdownText(unmatched), '');
  }
  lines.push('## What was moved', '');
  if (view.goalposts.length === 0) lines.push('Profile, catalog, scope, acceptances and tools are the same.', '');
  for (const { text } of view.goalposts) lines.push(`- ${markdownText(text)}`);
  lines.push('', markdownText(view.error));
  return fitted(lines);
}

function fitted(lines: readonly string[]): string {
  let bytes = 0;
  const kept: string[] = [];
  for (const [index, line] of lines.entries()) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > MOST_BYTES) {
      kept.push('', `${lines.length - index} more lines are left out here; \`probity compare --json\` has them all.`);
      break;
    }
    kept.push(line);
  }
  return `${kept.join('\n').trimEnd()}\n`;
}
