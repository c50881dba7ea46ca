import { z } from 'zod';
import { table } from '../../../table.ts';
import type { Adapter } from '../../adapter.ts';
import { fitted, moment } from '../../fitting.ts';
import type { SecretFindingBody } from '../../observations/access.ts';
import { type FoundSecret, placeOf, secretReading } from '../../secretScans.ts';
import { eachValue } from '../../streaming.ts';

// https://docs.github.com/rest/secret-scanning: alerts of a repository, organisation or enterprise, as `gh api` writes them.
// `secret` holds the secret and is not taken.

const alert = z.looseObject({
  number: z.number().int(),
  state: z.string(),
  secret_type: z.string().max(200),
  resolution: z.string().nullish(),
  resolved_at: z.string().nullish(),
  resolved_by: z.looseObject({ login: z.string().max(200) }).nullish(),
  validity: z.string().nullish(),
  html_url: z.string().max(500).nullish(),
  repository: z.looseObject({ full_name: z.string().max(300) }).nullish(),
  first_location_detected: z
    .looseObject({
      path: z.string().max(1000).nullish(),
      start_line: z.number().nullish(),
      commit_sha: z.string().nullish(),
    })
    .nullish(),
});

const DECISIONS = table<NonNullable<SecretFindingBody['review']>['decision']>({
  false_positive: 'false-positive',
  revoked: 'revoked',
  wont_fix: 'accepted',
  used_in_tests: 'accepted',
});

export const adapter: Adapter = {
  format: 'github-secret-scanning',
  title: 'GitHub secret scanning alerts (JSON)',
  about: {
    group: 'secrets',
    files: 'GitHub secret scanning (JSON of the REST API)',
    recognisedBy: '`secret_type`, `resolution`',
    gives: 'type, place, whether it works, how it was settled, by whom',
    limits: 'a list that leaves numbers out does not show that the others are settled',
  },
  recognise: (head) =>
    /^\s*\[/.test(head.text) &&
    /"secret_type"\s*:/.test(head.text) &&
    /"(resolution|state|push_protection_bypassed)"\s*:/.test(head.text)
      ? 0.95
      : 0,
  async read(file, context) {
    const findings: FoundSecret[] = [];
    const numbers = new Map<string, Set<number>>();
    await eachValue(file, ['$.*'], (value, at) => {
      const found = fitted(alert, value, file, 'a secret scanning alert', at);
      const repository =
        found.repository?.full_name ?? /^https?:\/\/[^/]+\/([^/]+\/[^/]+)\//.exec(found.html_url ?? '')?.[1];
      const known = numbers.get(repository ?? '') ?? new Set();
      numbers.set(repository ?? '', known.add(found.number));
      const spot = found.first_location_detected;
      const decision = DECISIONS[found.resolution ?? ''];
      const on = moment(found.resolved_at);
      findings.push({
        id: `${repository ?? ''}#${found.number}`,
        rule: found.secret_type,
        where: spot?.path
          ? `${repository ? `${repository}, ` : ''}${placeOf(spot.path, spot.start_line, spot.commit_sha)}`
          : `${repository ?? 'an unnamed repository'}, alert ${found.number}`,
        ...(found.validity === 'active'
          ? { verified: true }
          : found.validity === 'inactive'
            ? { verified: false }
            : {}),
        ...(found.state === 'resolved' && decision && on
          ? { review: { decision, by: found.resolved_by?.login ?? 'GitHub', on } }
          : {}),
        at,
      });
    });
    // Alerts of a repository are numbered from one. A missing number shows that some were left out; that none is missing
    // does not show that none follow, so the list alone never says what was searched.
    const gaps = [...numbers].flatMap(([repository, known]) => {
      const last = [...known].reduce((most, one) => Math.max(most, one), 0);
      return known.size === last
        ? []
        : [`only ${known.size} of ${last} alerts of ${repository || 'an unnamed repository'} are listed`];
    });
    return secretReading(
      {
        tool: { name: 'GitHub secret scanning' },
        what: 'the list of alerts',
        at: '',
        unfinished: gaps.length > 0 ? `${gaps.slice(0, 20).join('; ')} (list every state)` : undefined,
      },
      findings,
      context,
    );
  },
};
