import { z } from 'zod';
import { grouped } from '../../wording.ts';
import { plural, someOf, sourcesOf } from '../context.ts';
import { noneCounts, staleness } from '../freshness.ts';
import { notAssessed, notSatisfied, satisfied } from '../outcome.ts';
import { defineCheck } from './check.ts';

/** Repositories were searched for secrets, and nothing that was found works or waits for somebody to look at it. */
export const secretsAbsent = defineCheck({
  name: 'secrets-absent',
  parameters: z.strictObject({}),
  evaluate(_parameters, _question, context, maxAgeDays) {
    if (context.evidence('secret-scan').length === 0)
      return notAssessed('no-evidence', { detail: 'No search for secrets was found in the evidence.' });
    const fresh = context
      .evidence('secret-scan')
      .filter((scan) => staleness(scan.collected, context.asOf, maxAgeDays, []) === undefined);
    if (fresh.length === 0) {
      const { reasons, why } = noneCounts(
        context.evidence('secret-scan').map(({ collected }) => staleness(collected, context.asOf, maxAgeDays, [])),
      );
      return notAssessed(reasons, {
        detail: `The search for secrets does not count: ${why}.`,
        evidence: sourcesOf(context.evidence('secret-scan')),
      });
    }
    const scans = new Set(fresh.map((scan) => scan.source.path));
    const findings = context.evidence('secret-finding').filter((finding) => scans.has(finding.source.path));
    const open = findings.filter(
      ({ verified, review }) =>
        review === undefined ||
        review.on.slice(0, 10) > context.asOf ||
        (verified === true && review.decision !== 'revoked'),
    );
    const scanned = new Set(fresh.flatMap((scan) => scan.scanned));
    const fields = {
      observed: `${grouped(open.length)} of ${plural(findings.length, 'finding')} open`,
      threshold: '0 open',
    };
    if (open.length > 0)
      return notSatisfied({
        ...fields,
        detail: `${plural(open.length, 'finding')} of ${grouped(findings.length)}: ${someOf(open.map(({ rule, where, verified }) => `${rule} in ${where} (${verified ? 'it works' : 'nobody reviewed it'})`))}.`,
        evidence: sourcesOf(open),
      });
    if (scanned.size === 0)
      return notAssessed('no-evidence', {
        ...fields,
        detail: 'Nothing says what was searched, so finding nothing says nothing.',
        evidence: sourcesOf(fresh),
      });
    return satisfied({
      ...fields,
      detail: `${plural(scanned.size, 'place')} searched (${someOf([...scanned], 3)}); ${findings.length === 0 ? 'nothing was found' : `all ${plural(findings.length, 'finding')} reviewed, and none that works is left`}.`,
      evidence: sourcesOf(fresh),
    });
  },
});
