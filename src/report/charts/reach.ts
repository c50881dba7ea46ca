import { grouped } from '../../wording.ts';
import { coordinate, drawing, line } from './svg.ts';

const WIDTH = 120;

/**
 * How far one identity reaches, beside the limit and the one that reaches furthest.
 * @param most the largest weight among those drawn, at least 1
 */
export function reachBar(
  reach: { name: string; weight: number; resources: number },
  limit: number | null,
  most: number,
): string {
  const top = Math.max(most, limit ?? 0, 1) * 1.05;
  const x = (value: number): number => (value / top) * WIDTH;
  const parts = [
    `<rect x="0" y="4" width="${coordinate(Math.max(1, x(reach.weight)))}" height="10" class="${limit !== null && reach.weight > limit ? 'fill-not-satisfied' : 'fill-satisfied'}"/>`,
    ...(limit === null ? [] : [line(x(limit), 0, x(limit), 18, 'limit')]),
  ];
  const said = `${reach.name} reaches ${grouped(reach.resources)} resources of weight ${grouped(reach.weight)}${limit === null ? '' : `, limit ${grouped(limit)}`}.`;
  return drawing(WIDTH, 18, said, parts.join(''));
}
