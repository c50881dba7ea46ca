import type { Assessment } from '../../src/assess/assessment.ts';
import { assessWorkspace } from '../../src/assess/assessWorkspace.ts';
import { EXAMPLE_AS_OF, ROOT } from './workspace.ts';

let made: Promise<Assessment> | undefined;

/** The assessment of the bundled example, made once a test file. */
export function exampleAssessment(): Promise<Assessment> {
  made ??= assessWorkspace({ config: `${ROOT}evidence/probity.yaml`, asOf: EXAMPLE_AS_OF });
  return made;
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
