import { z } from 'zod';
import type { BodyOf, Observation } from '../../evidence/observation.ts';
import { SURFACE_TITLES } from '../../terms.ts';
import { sourcesOf } from '../context.ts';
import { noneCounts, type Staleness, staleness } from '../freshness.ts';
import { notAssessed } from '../outcome.ts';
import { defineCheck } from './check.ts';
import { type Lack, type Open, recordsOutcome } from './records.ts';

type Channel = Observation<BodyOf<'channel'>>;

const ASKS = ['remote-content', 'active-content', 'cache', 'streaming', 'errors'] as const;

/** Beside its answers each surface gives nothing away: not by what is rendered, nor by time, size or errors. */
export const channelsClosed = defineCheck({
  name: 'channels-closed',
  restsOnChanges: true,
  parameters: z.strictObject({ asks: z.array(z.enum(ASKS)).min(1) }),
  evaluate({ asks }, { surfaces }, context, maxAgeDays) {
    const stated = context.evidence('channel').filter(({ surface }) => surfaces.includes(surface));
    if (stated.length === 0)
      return notAssessed('no-evidence', {
        detail: 'Nothing (kind: Interface, channels) states what these surfaces give away beside their answers.',
      });
    const fresh = stated.filter((one) => ageOf(one) === undefined);
    if (fresh.length === 0)
      return notAssessed(noneCounts(stated.map(ageOf)).reasons, {
        detail: stated.every((one) => ageOf(one)?.reason === 'not-yet')
          ? 'What these surfaces give away beside their answers was stated only after the as-of date.'
          : 'What these surfaces give away beside their answers was stated too long ago or before a later change.',
        evidence: sourcesOf(stated),
      });
    return recordsOutcome(
      fresh.map((one) => ({ name: one.surface, source: one.source, lacks: asks.map((ask) => LACKS[ask](one)) })),
      {
        what: ['surface', 'surfaces'],
        asks: `gives nothing away beside its answers (${asks.join(', ')})`,
        missing: surfaces
          .filter((surface) => !fresh.some((one) => one.surface === surface))
          .map(
            (surface): Open => ({ reason: 'untested-surface', open: `${SURFACE_TITLES[surface]}: nothing states it` }),
          ),
      },
    );

    function ageOf({ collected, surface }: Channel): Staleness | undefined {
      const changes = context.changes.filter((change) => change.surfaces.includes(surface));
      return staleness(collected, context.asOf, maxAgeDays, changes);
    }
  },
});

const LACKS: Record<(typeof ASKS)[number], (channel: Channel) => Lack | undefined> = {
  'remote-content'({ remoteContent }) {
    if (remoteContent === undefined) return silent('whether answers load content from elsewhere');
    return remoteContent === 'allowed' ? { fails: 'answers load content from anywhere' } : undefined;
  },
  'active-content'({ activeContent }) {
    if (activeContent === undefined) return silent('whether answers can run code');
    return activeContent === 'allowed' ? { fails: 'answers can run code' } : undefined;
  },
  cache({ cacheSharedBy }) {
    if (cacheSharedBy === undefined) return silent('who shares its cache');
    return cacheSharedBy === 'everybody' || cacheSharedBy === 'tenant'
      ? { fails: `its cache is shared by ${cacheSharedBy === 'tenant' ? 'all callers of a tenant' : 'everybody'}` }
      : undefined;
  },
  streaming({ streaming }) {
    if (streaming === undefined) return silent('how answers are streamed');
    return streaming === 'token-by-token' ? { fails: 'sizes and pauses of a stream follow its tokens' } : undefined;
  },
  errors({ errors }) {
    if (errors === undefined) return silent('whether errors tell what is there');
    return errors === 'telling' ? { fails: 'errors tell what is there from what is not' } : undefined;
  },
};

function silent(what: string): Open {
  return { reason: 'no-evidence', open: `not stated ${what}` };
}
