import { type Assessment, parseAssessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
import { verdictOf } from '../../src/assess/verdicts.ts';
import { renderPdf } from '../../src/report/pdf/index.ts';
import { renderXlsx } from '../../src/report/xlsx/index.ts';
import type { AttackClass } from '../../src/terms.ts';
import { madeOnce } from './cache.ts';
import { EXAMPLE_AS_OF, ROOT } from './workspace.ts';

let made: Promise<Assessment> | undefined;

/** The assessment of the bundled example. */
export function exampleAssessment(): Promise<Assessment> {
  made ??= madeOnce('assessment.json', async () =>
    Buffer.from(
      serialiseAssessment(await assessWorkspace({ config: `${ROOT}evidence/probity.yaml`, asOf: EXAMPLE_AS_OF })),
    ),
  ).then((bytes) => parseAssessment(bytes.toString('utf8'), 'assessment.json'));
  return made;
}

/** The same of a few controls, whole in itself. */
export function briefAssessment(whole: Assessment): Assessment {
  const controls = whole.controls.slice(0, 8);
  const kept = new Set(controls.map(({ id }) => id));
  const results = whole.results.filter(({ control }) => kept.has(control));
  const needed = new Set(results.flatMap(({ criteria }) => criteria.map(({ measurement }) => measurement)));
  const verdict = (attackClass: AttackClass) => verdictOf(results, attackClass, whole.verdicts[attackClass].outside);
  return {
    ...whole,
    controls,
    results,
    findings: whole.findings.filter(({ control }) => kept.has(control)),
    measurements: whole.measurements.filter(({ id }) => needed.has(id)),
    frameworks: whole.frameworks.slice(0, 1),
    verdicts: {
      'membership-inference': verdict('membership-inference'),
      inversion: verdict('inversion'),
    },
  };
}

/** The unsigned workbook of the bundled example. */
export function exampleXlsx(): Promise<Buffer> {
  return madeOnce('report.xlsx', async () => renderXlsx(await exampleAssessment(), undefined));
}

/** The unsigned PDF of the bundled example. */
export function examplePdf(): Promise<Buffer> {
  return madeOnce('report.pdf', async () => renderPdf(await exampleAssessment(), undefined));
}

/** The example with a finding, a file and a threat whose texts are what an attacker would write. */
export async function hostileAssessment(): Promise<Assessment> {
  const assessment = structuredClone(await exampleAssessment());
  const texts = [
    '<script>document.title="owned"</script><img src=x onerror=alert(1)>',
    "=cmd|'/c calc'!A0",
    '+1+1',
    '-2',
    '@SUM(A1)',
    '\t=1',
    '{{7*7}}',
    '</style><svg onload=alert(1)>',
    'url(http://127.0.0.1:9/)',
    '"}; @import "http://127.0.0.1:9/x"; {"',
  ];
  assessment.system.name = texts.join(' ');
  assessment.system.classification = texts[9] ?? '';
  for (const finding of assessment.findings) finding.why = texts;
  for (const [index, entry] of assessment.evidence.entries()) entry.path = `${texts[index % texts.length]}-${index}`;
  for (const m of assessment.measurements) m.probe = texts[0] ?? '';
  for (const threat of assessment.threats) threat.title = texts[1] ?? '';
  return assessment;
}
