import { format as brief } from './brief.ts';
import { format as cdx } from './cdx.ts';
import { format as csv } from './csv.ts';
import type { Format } from './format.ts';
import { format as html } from './html.ts';
import { format as json } from './json.ts';
import { format as junit } from './junit.ts';
import { format as md } from './md.ts';
import { format as oscalAr } from './oscal-ar.ts';
import { format as oscalPoam } from './oscal-poam.ts';
import { format as pdf } from './pdf.ts';
import { format as sarif } from './sarif.ts';
import { format as xlsx } from './xlsx.ts';

/** Every output format, in the order in which a pack is written. Each is a file of this folder. */
export const FORMATS: readonly Format[] = [
  pdf,
  brief,
  xlsx,
  html,
  json,
  md,
  oscalAr,
  oscalPoam,
  cdx,
  sarif,
  junit,
  csv,
];
