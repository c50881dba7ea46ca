import type { Assessment } from '../../assess/assessment.ts';
import { grouped } from '../../wording.ts';
import { CLASS_PARTS } from '../words.ts';
import { day, gapAnchor } from './common.ts';

/** One evidence file, with the gaps that rest on it. */
export function evidenceRow(assessment: Assessment, entry: Assessment['evidence'][number], anchor: string) {
  const gaps = assessment.findings.filter((finding) => finding.evidence.some((source) => source.path === entry.path));
  const targets = assessment.measurements
    .filter(({ source }) => source.some(({ path }) => path === entry.path))
    .flatMap(({ warrant }) => warrant.target.stated ?? []);
  return {
    ...entry,
    targets: [...new Set(targets)],
    anchor,
    /** Of a day that had not come when it was assessed. */
    notYet: entry.collected !== undefined && day(entry.collected) > assessment.asOf.slice(0, 10),
    size: `${grouped(entry.bytes)} bytes`,
    toolName: entry.tool ? `${entry.tool.name} ${entry.tool.version ?? ''}`.trim() : '',
    gaps: gaps.map((finding) => ({
      anchor: gapAnchor(finding),
      text: `${finding.control} ${CLASS_PARTS[finding.attackClass]}`,
    })),
  };
}
