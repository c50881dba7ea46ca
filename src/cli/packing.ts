import path from 'node:path';
import type { Assessment } from '../assess/assessment.ts';
import type { Identity } from '../sign/identity.ts';
import { parseSubjects } from './signing.ts';

interface PackingFlags {
  out: string;
  format: string;
  role: string;
  subject: string[] | undefined;
}

/** Renders, signs and writes a pack; returns its file paths. */
export async function writeReports(
  assessment: Assessment,
  flags: PackingFlags,
  identity: Identity | undefined,
  progress: (text: string | undefined) => void,
): Promise<string[]> {
  const { buildPack, findFormats } = await import('../pack/build.ts');
  const { writePack } = await import('../pack/write.ts');
  const formats = findFormats(
    flags.format
      .split(',')
      .map((id) => id.trim())
      .filter(Boolean),
  );
  const releases = parseSubjects(flags.subject);
  try {
    const files = await buildPack(assessment, {
      formats,
      ...(identity ? { identity } : {}),
      moment: { role: flags.role, time: new Date() },
      releases,
      onStep: (what) => progress(`making the ${what}`),
    });
    await writePack(flags.out, files);
    return [...files.keys()].map((name) => path.join(flags.out, name));
  } finally {
    progress(undefined);
  }
}

/** The line under the files: who signed, and what that is worth. */
export function signatureLine(identity: Identity | undefined, subject: string | undefined): string {
  if (!identity) return 'Not signed (--no-sign).';
  return identity.trial
    ? `Signed by ${subject}: self-signed, for trial. Use --identity FILE.p12 for a report that others are to trust.`
    : `Signed by ${subject}${identity.selfSigned ? ' (self-signed)' : ''}.`;
}
