import type { Format } from './format.ts';
import { format as json } from './json.ts';
import { format as pdf } from './pdf.ts';
import { format as xlsx } from './xlsx.ts';

/** Every output format, in the order in which a pack is written. Each is a file of this folder. */
export const FORMATS: readonly Format[] = [pdf, xlsx, json];
