import { ProbityError } from '../errors.ts';
import type { Format } from './formats/format.ts';
import { FORMATS } from './formats/index.ts';

/** Stands for every format. */
export const ALL_FORMATS = 'all';

/** What a list of formats may hold, as a sentence of help names it. */
export const FORMAT_IDS = FORMATS.map(({ id }) => id).join(', ');

/** Made where nobody asks for anything else. */
export const DEFAULT_FORMATS: readonly Format[] = FORMATS.filter(({ byDefault }) => byDefault);

/**
 * The formats of these ids, each once.
 * @param where the place in a file that names them
 * @throws ProbityError USAGE naming those that exist
 */
export function findFormats(ids: readonly string[], where?: string): Format[] {
  const place = where === undefined ? {} : { where };
  const remedy = `Use ${ALL_FORMATS}, or one or more of ${FORMAT_IDS}`;
  if (ids.length === 0) throw new ProbityError('USAGE', 'no format is named', { ...place, remedy });
  const found = ids.flatMap((id) => {
    if (id === ALL_FORMATS) return FORMATS;
    const format = FORMATS.find((candidate) => candidate.id === id);
    if (!format) throw new ProbityError('USAGE', `there is no format "${id}"`, { ...place, remedy });
    return format;
  });
  return [...new Set(found)];
}
