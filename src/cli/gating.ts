import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ProbityError, whyUnread } from '../errors.ts';
import { readNamed } from '../files/read.ts';
import type { GateInput } from '../gate/decide.ts';
import type { GatePolicy } from '../gate/policy.ts';
import type { StatedPolicy } from '../gate/summary.ts';
import { compareHanded, earlierOf, readBefore } from './handed.ts';

/** The policy of a file, or the one that the flags of the simple case mean. @throws ProbityError POLICY_INVALID */
export async function policyFromFlags(flags: {
  policy: string | undefined;
  'fail-on': string[] | undefined;
}): Promise<StatedPolicy> {
  const { gatePolicySchema } = await import('../gate/policy.ts');
  if (flags.policy === undefined) {
    const policy = gatePolicySchema.parse(simplePolicy(flags['fail-on']));
    return { policy, uri: `urn:probity:gate:${policy.id}`, sha256: digestOf(JSON.stringify(policy)) };
  }
  const { readYaml } = await import('../files/yaml.ts');
  const text = await readNamed(flags.policy, 'utf8').catch((error: unknown) => {
    throw new ProbityError('POLICY_INVALID', whyUnread(error, 'the policy'), {
      where: flags.policy ?? '',
      remedy: 'Name a file of kind: GatePolicy',
    });
  });
  return {
    policy: readYaml(gatePolicySchema, text, flags.policy, 'POLICY_INVALID'),
    uri: path.basename(flags.policy),
    sha256: digestOf(text),
  };
}

/** Both classes, each for itself. A state to fail on includes the worse one. */
function simplePolicy(failOn: readonly string[] | undefined): unknown {
  const rules =
    failOn === undefined
      ? { verdict: 'satisfied' }
      : failOn.includes('not-assessed')
        ? { verdict: 'satisfied' }
        : { verdict: 'not-assessed' };
  return {
    apiVersion: 'probity/v1',
    kind: 'GatePolicy',
    id: failOn === undefined ? 'satisfied' : `fail-on-${[...failOn].sort().join('-')}`,
    classes: { 'membership-inference': rules, inversion: rules },
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

interface InputFlags {
  artifact: string[] | undefined;
  image: string[] | undefined;
  previous: string[] | undefined;
  trust: string | undefined;
  signer: string[] | undefined;
  asOf: string | undefined;
}

/** Everything that a decision is made from. What was named and cannot be read stops it. */
export async function decisionInputs(target: string, asked: GatePolicy, flags: InputFlags): Promise<GateInput> {
  const { readHanded } = await import('../pack/read.ts');
  const { loadTrust } = await import('../verify/signature.ts');
  const { loadCatalog } = await import('../catalog/catalog.ts');
  const policy = withSigners(asked, flags.signer);
  const { signers } = policy;
  const named = signers?.all.find((one) => !/^[0-9a-fA-F:]{16,95}$/.test(one));
  if (named !== undefined && flags.trust === undefined)
    throw new ProbityError('USAGE', `the signer "${named}" is a name, and names are only claimed`, {
      remedy: 'Give --trust as well, or the fingerprint of the certificate',
    });
  const trust = flags.trust === undefined ? [] : await loadTrust(flags.trust);
  const handed = await readHanded(target, {
    trust,
    requireTrust: flags.trust !== undefined,
    signers: signers?.all ?? [],
    roles: signers?.roles ?? [],
    distinctRoles: signers?.distinctRoles ?? false,
    ...(flags.asOf === undefined ? {} : { now: laterOf(flags.asOf) }),
  });
  const earlier = await readBefore(flags.previous ?? [], flags.trust);
  const previous = earlier.at(-1);
  const { bundledProfiles } = await loadCatalog();
  return {
    policy,
    handed,
    asOf: flags.asOf,
    trusting: flags.trust !== undefined,
    artifacts: [...(await Promise.all((flags.artifact ?? []).map(artifactOf))), ...(flags.image ?? []).map(imageOf)],
    comparison: previous ? await compareHanded(previous, handed, earlierOf([...earlier, handed])) : undefined,
    profiles: bundledProfiles,
  };
}

function withSigners(policy: GatePolicy, named: readonly string[] | undefined): GatePolicy {
  if (named === undefined) return policy;
  const { all = [], roles = [], distinctRoles = false, trusted = false } = policy.signers ?? {};
  return { ...policy, signers: { all: [...all, ...named], roles, distinctRoles, trusted } };
}

/** Certificates are judged when they are looked at, or on the day of the decision where that is later. */
function laterOf(asOf: string): Date {
  const end = new Date(`${asOf.slice(0, 10)}T23:59:59Z`);
  const now = new Date();
  return end > now ? end : now;
}

async function artifactOf(file: string): Promise<{ name: string; sha256: string }> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    throw new ProbityError('USAGE', whyUnread(error, 'the artifact'), {
      where: file,
      remedy: 'Name the file that is released',
    });
  }
  return { name: path.basename(file), sha256: hash.digest('hex') };
}

function imageOf(value: string): { name: string; sha256: string } {
  const match = /^(.+)@sha256:([0-9a-f]{64})$/i.exec(value);
  if (!match?.[1] || !match[2])
    throw new ProbityError('USAGE', `--image is "${value}"`, { remedy: 'Write it as NAME@sha256: and 64 hex digits' });
  return { name: match[1], sha256: match[2].toLowerCase() };
}
