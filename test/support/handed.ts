import path from 'node:path';
import type { Assessment } from '../../src/assess/assessment.ts';
import { buildPack } from '../../src/pack/build.ts';
import { findFormats } from '../../src/pack/choose.ts';
import { writePack } from '../../src/pack/write.ts';
import type { Signer } from '../../src/pki/signer.ts';
import { loadSigner } from '../../src/sign/keys/index.ts';
import { createTrialSigner } from '../../src/sign/trial.ts';

/** A signer of its own, made in a folder. */
export async function signerIn(folder: string, name = 'A. Signer'): Promise<Signer> {
  const file = path.join(folder, `${name}.p12`);
  await createTrialSigner(file, 'secret', name);
  return loadSigner(file, { passphrase: async () => 'secret' });
}

/** Writes a pack of the assessment alone; unsigned without an identity. */
export async function packIn(
  folder: string,
  assessment: Assessment,
  identity: Signer | undefined,
  releases: { name: string; sha256: string }[] = [],
): Promise<string> {
  await writePack(
    folder,
    await buildPack(assessment, {
      formats: findFormats(['json']),
      ...(identity ? { identity } : {}),
      signing: { role: 'preparer', time: new Date() },
      releases,
    }),
  );
  return folder;
}

/** The same assessment of another system. */
export function ofSystem(assessment: Assessment, id: string, more: Partial<Assessment['system']> = {}): Assessment {
  return { ...assessment, system: { ...assessment.system, id, name: `System ${id}`, ...more } };
}
