import type { Control } from '../catalog/schemas.ts';
import type { Finding, Result } from './assessment.ts';

const SEVERITY_RANK = { critical: 0, high: 1, medium: 2, low: 3 } as const;

/** The results that need attention, the gravest first. */
export function findingsOf(controls: readonly Control[], results: readonly Result[]): Finding[] {
  const findings = results
    .filter((result) => result.state === 'not-satisfied' || result.state === 'not-assessed')
    .map((result): Finding => {
      const control = controls.find((candidate) => candidate.id === result.control) as Control;
      const open = result.criteria.filter(
        (criterion) => criterion.state === 'not-satisfied' || criterion.state === 'not-assessed',
      );
      const evidence = new Map(
        open.flatMap((criterion) => criterion.evidence).map((source) => [`${source.path}\0${source.at}`, source]),
      );
      return {
        id: `${result.control}.${result.attackClass}`,
        control: result.control,
        attackClass: result.attackClass,
        state: result.state,
        ...(result.reason ? { reason: result.reason } : {}),
        ...(result.reasons ? { reasons: result.reasons } : {}),
        severity: result.severity,
        title: control.title,
        consequence: control.attackClasses[result.attackClass]?.consequence ?? '',
        why: open.map((criterion) => criterion.detail),
        remediation: control.remediation,
        evidence: [...evidence.values()].slice(0, 50),
        frameworks: Object.entries(control.frameworks).flatMap(([framework, items]) =>
          items.map(({ item }) => ({ framework, item })),
        ),
      };
    });
  const stateRank = (finding: Finding): number => (finding.state === 'not-satisfied' ? 0 : 1);
  // Controls stand in the order of their families, so what was measured on the model itself comes before what supports it.
  const places = new Map(controls.map((control, index) => [control.id, index]));
  return findings.sort(
    (a, b) =>
      stateRank(a) - stateRank(b) ||
      SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
      (places.get(a.control) ?? 0) - (places.get(b.control) ?? 0) ||
      a.id.localeCompare(b.id, 'en'),
  );
}
