import { ProbityError } from '../../../errors.ts';
import { firstIssue } from '../../../schema.ts';
import { parseYaml } from '../../../yaml.ts';
import type { Adapter } from '../../adapter.ts';
import { newReading } from '../../adapter.ts';
import { accessInventory } from './accessInventory.ts';
import { attestation } from './attestation.ts';
import { changeLog } from './changeLog.ts';
import type { AnyKind } from './kind.ts';
import { probeResult } from './probeResult.ts';
import { threatModel } from './threatModel.ts';
import { waiver } from './waiver.ts';

/** Probity's own evidence kinds. */
export const EVIDENCE_KINDS: readonly AnyKind[] = [probeResult, accessInventory, threatModel, attestation, changeLog, waiver];

const HEADER = /^\s*"?apiVersion"?\s*:\s*["']?probity\/v\d/m;

export const adapter: Adapter = {
  format: 'probity',
  title: `Probity's own kinds: ${EVIDENCE_KINDS.map((entry) => entry.kind).join(', ')} (YAML or JSON)`,
  recognise: (head) => (HEADER.test(head.text) || /\{\s*"apiVersion"\s*:\s*"probity\//.test(head.text) ? 1 : 0),
  async read(file, context) {
    const yaml = parseYaml(await file.text(), file.path, 'EVIDENCE_MALFORMED');
    const document = yaml.value;
    const named = typeof document === 'object' && document !== null && !Array.isArray(document) ? document.kind : undefined;
    const kind = EVIDENCE_KINDS.find((entry) => entry.kind === named);
    if (!kind)
      throw new ProbityError('EVIDENCE_MALFORMED', `kind is ${JSON.stringify(named ?? null).slice(0, 60)}, which is no kind of evidence`, {
        where: `${file.path}:${yaml.lineOf('/kind')}`,
        remedy: `Use one of ${EVIDENCE_KINDS.map((entry) => entry.kind).join(', ')}`,
      });
    const reading = newReading();
    const error = kind.read(document, context, reading);
    if (error) {
      const { pointer, message } = firstIssue(error);
      throw new ProbityError('EVIDENCE_MALFORMED', `${kind.kind}${pointer}: ${message}`, { where: `${file.path}:${yaml.lineOf(pointer)}` });
    }
    return reading;
  },
};
