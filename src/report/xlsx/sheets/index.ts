import type { SheetDefinition } from '../sheet.ts';
import { about } from './about.ts';
import { closed } from './closed.ts';
import { crosswalk, mappings } from './frameworks.ts';
import { gaps } from './gaps.ts';
import { changed, history } from './history.ts';
import { evidence, identities } from './inventory.ts';
import { coverage, leakedAnswers, measurements } from './measured.ts';
import { requests } from './requests.ts';
import { membershipInference, modelInversion, supporting } from './results.ts';
import { summary } from './summary.ts';

/** The sheets of the workbook, in order. A new sheet is one more value in this list. */
export const SHEETS: readonly SheetDefinition[] = [
  summary,
  membershipInference,
  modelInversion,
  supporting,
  gaps,
  requests,
  closed,
  history,
  changed,
  crosswalk,
  mappings,
  coverage,
  measurements,
  leakedAnswers,
  identities,
  evidence,
  about,
];
