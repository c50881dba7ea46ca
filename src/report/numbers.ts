import { grouped } from '../wording.ts';

export { figure, figureFormat, percent, percentFormat } from '../measure/figures.ts';

/** `1 identity`, `3 identities`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
