import { ProbityError } from '../../../errors.ts';
import { parseJson } from '../../../files/json.ts';
import { parseYaml, type YamlText } from '../../../files/yaml.ts';
import { firstIssue } from '../../../schema.ts';
import { type Adapter, newReading } from '../../adapter.ts';
import type { Head } from '../../file.ts';
import { accessInventory } from './accessInventory.ts';
import { attestation } from './attestation.ts';
import { changeLog } from './changeLog.ts';
import { dataSheet } from './dataSheet.ts';
import { eventSample } from './eventSample.ts';
import { exerciseLog } from './exerciseLog.ts';
import { impactAssessment } from './impactAssessment.ts';
import { interfaceFacts } from './interfaceFacts.ts';
import type { AnyKind } from './kind.ts';
import { readLargeInventory } from './largeInventory.ts';
import { probeResult } from './probeResult.ts';
import { secretScan } from './secretScan.ts';
import { storeFacts } from './storeFacts.ts';
import { testPlan } from './testPlan.ts';
import { threatModel } from './threatModel.ts';
import { toolInventory } from './toolInventory.ts';
import { vendorTerms } from './vendorTerms.ts';
import { waiver } from './waiver.ts';

/** Probity's own evidence kinds. */
export const EVIDENCE_KINDS: readonly AnyKind[] = [
  probeResult,
  testPlan,
  accessInventory,
  secretScan,
  interfaceFacts,
  eventSample,
  storeFacts,
  toolInventory,
  exerciseLog,
  dataSheet,
  vendorTerms,
  impactAssessment,
  threatModel,
  attestation,
  changeLog,
  waiver,
];

const HEADER = /^[ \t]*"?apiVersion"?\s*:\s*["']?probity\/v\d/m;

export const adapter: Adapter = {
  format: 'probity',
  title: `Probity's own kinds: ${EVIDENCE_KINDS.map((entry) => entry.kind).join(', ')} (YAML or JSON)`,
  about: {
    group: "Probity's own",
    files: "Probity's own kinds (YAML, JSON)",
    recognisedBy: '`apiVersion: probity/v1`',
    gives: 'what its kind holds, [below](#probitys-own-kinds)',
  },
  recognise: (head) => (HEADER.test(head.text) || /\{\s*"apiVersion"\s*:\s*"probity\//.test(head.text) ? 1 : 0),
  async read(file, context) {
    if (file.bytes >= LARGE && isInventory(await file.head())) return readLargeInventory(file, placeholderIn);
    const yaml = parseText(await file.text(), file.path);
    const document = yaml.value;
    const named =
      typeof document === 'object' && document !== null && !Array.isArray(document) ? document.kind : undefined;
    const kind = EVIDENCE_KINDS.find((entry) => entry.kind === named);
    if (!kind)
      throw new ProbityError(
        'EVIDENCE_MALFORMED',
        `kind is ${JSON.stringify(named ?? null).slice(0, 60)}, which is no kind of evidence`,
        {
          where: `${file.path}:${yaml.lineOf('/kind')}`,
          remedy: `Use one of ${EVIDENCE_KINDS.map((entry) => entry.kind).join(', ')}`,
        },
      );
    const blank = placeholderIn(document, '');
    if (blank)
      throw new ProbityError('EVIDENCE_MALFORMED', `${blank.text} is a placeholder that nobody has replaced`, {
        where: placeOf(file.path, yaml, blank.pointer),
        remedy: 'Replace every value of that form by what is true of the system',
      });
    const reading = newReading();
    const error = kind.read(document, context, reading);
    if (error) {
      const { pointer, message } = firstIssue(error);
      throw new ProbityError('EVIDENCE_MALFORMED', `${kind.kind}${pointer}: ${message}`, {
        where: placeOf(file.path, yaml, pointer),
      });
    }
    return reading;
  },
};

/** Whether the first bytes are those of an inventory in JSON, the one kind that grows without end. */
function isInventory({ text }: Head): boolean {
  return /^\s*\{/.test(text) && /"kind"\s*:\s*"AccessInventory"/.test(text);
}

/** The values that `init` writes to be replaced; a file that still holds one says nothing. */
const PLACEHOLDER = /^<replace: [^<>]*>$/;

function mayHoldText(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

function placeholderIn(value: unknown, pointer: string): { pointer: string; text: string } | undefined {
  if (typeof value === 'string') return PLACEHOLDER.test(value) ? { pointer, text: value } : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const one: unknown = value[i];
      const found = mayHoldText(one) ? placeholderIn(one, `${pointer}/${i}`) : undefined;
      if (found) return found;
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    const found = placeholderIn(Reflect.get(value, key), `${pointer}/${key}`);
    if (found) return found;
  }
  return undefined;
}

/** File and line; the pointer instead where lines were not kept. */
function placeOf(path: string, yaml: YamlText, pointer: string): string {
  const line = yaml.lineOf(pointer);
  return line > 0 ? `${path}:${line}` : `${path}#${pointer}`;
}

/** From here on a JSON text is parsed as JSON, which takes a fraction of the time and of the memory; places are then pointers. */
const LARGE = 1_000_000;

function parseText(text: string, path: string): YamlText {
  const yaml = (): YamlText => parseYaml(text, path, 'EVIDENCE_MALFORMED');
  if (text.length < LARGE || !/^\s*\{/.test(text)) return yaml();
  try {
    return { value: parseJson(text, path, 'EVIDENCE_MALFORMED'), lineOf: () => 0 };
  } catch (error) {
    try {
      return yaml();
    } catch {
      throw error;
    }
  }
}
