import type { Assessment } from '../../assess/assessment.ts';
import type { Sensitivity } from '../../terms.ts';
import { coordinate, drawing, label, line } from './svg.ts';

const WIDTH = 700;
const ROW = 34;
const BOX = { width: 178, height: 24 };
const COLUMNS = [8, 262, 514];
/** So many letters fit into a box. */
const LETTERS = 31;

type Step = Assessment['identities']['widest'][number]['path'][number];

/** An identity with the way to the most sensitive thing that it reaches. */
export interface ReachWay {
  name: string;
  path: readonly Step[];
  sensitivity: Sensitivity;
}

interface Node {
  column: number;
  name: string;
  sensitivity?: Sensitivity;
}

/**
 * From identities over roles to the most sensitive store that each reaches. What it reaches is coloured by its sensitivity
 * and says it in words; lines differ by dash.
 */
export function reachGraph(ways: readonly ReachWay[]): string {
  const nodes = new Map<string, Node>();
  const edges = new Map<string, { from: string; to: string; how: Step['how'] }>();
  for (const way of ways) {
    let from = put(nodes, { column: 0, name: way.name });
    for (const { how, to } of way.path) {
      const last = how === 'reaches';
      const next = put(nodes, {
        column: last ? 2 : 1,
        name: to,
        ...(last ? { sensitivity: way.sensitivity } : {}),
      });
      if (next !== from) edges.set(`${from}|${next}|${how}`, { from, to: next, how });
      from = next;
    }
  }
  const columns = COLUMNS.map((_, column) => [...nodes].filter(([, node]) => node.column === column));
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  const height = 22 + tallest * ROW + 20;
  const places = new Map(
    columns.flatMap((column, index) =>
      column.map(([id], row) => {
        const top = 22 + ((tallest - column.length) * ROW) / 2 + row * ROW;
        return [id, { x: COLUMNS[index] as number, y: top }] as const;
      }),
    ),
  );
  const parts = ['Identity', columns[1]?.length ? 'Role it becomes' : '', 'Most sensitive store it reaches'].map(
    (text, index) => label(COLUMNS[index] as number, 12, text, { css: 'tick strong' }),
  );
  for (const { from, to, how } of edges.values()) {
    const [a, b] = [places.get(from), places.get(to)];
    if (!a || !b) continue;
    const [x1, y1, x2, y2] = [a.x + BOX.width, a.y + BOX.height / 2, b.x, b.y + BOX.height / 2];
    // Roles that become one another stand in one column: a bow beside it.
    const bend = a.x === b.x ? x1 + 34 : (x1 + x2) / 2;
    const end = a.x === b.x ? x1 : x2;
    parts.push(
      `<path d="M${coordinate(x1)} ${coordinate(y1)}C${coordinate(bend)} ${coordinate(y1)} ${coordinate(bend)} ${coordinate(y2)} ${coordinate(end)} ${coordinate(y2)}" class="edge ${how.replaceAll(' ', '-')}"/>`,
      `<circle cx="${coordinate(end)}" cy="${coordinate(y2)}" r="2.2" class="edge-end"/>`,
    );
  }
  for (const [id, node] of nodes) {
    const place = places.get(id);
    if (!place) continue;
    const css = node.sensitivity ? `sensitivity-${node.sensitivity}` : 'box';
    parts.push(
      `<rect x="${place.x}" y="${coordinate(place.y)}" width="${BOX.width}" height="${BOX.height}" rx="2" class="${css}"/>`,
      label(place.x + 6, place.y + (node.sensitivity ? 10.5 : 15.5), short(node.name), { css: `node on-${css}` }),
    );
    if (node.sensitivity)
      parts.push(label(place.x + 6, place.y + 20, node.sensitivity.replace('-', ' '), { css: `node-note on-${css}` }));
  }
  let left = 8;
  for (const [css, text] of [
    ['edge reaches', 'reaches'],
    ['edge is-bound-to', 'is bound to'],
    ['edge can-become', 'can become'],
  ] as const) {
    parts.push(line(left, height - 6, left + 22, height - 6, css), label(left + 27, height - 2.5, text));
    left += 46 + text.length * 5;
  }
  return drawing(WIDTH, height, describe(ways), parts.join(''));
}

function put(nodes: Map<string, Node>, node: Node): string {
  const id = `${node.column}:${node.name}`;
  if (!nodes.has(id)) nodes.set(id, node);
  return id;
}

/** The end of a long name tells more than its beginning. */
function short(name: string): string {
  return name.length <= LETTERS ? name : `…${name.slice(1 - LETTERS)}`;
}

function describe(ways: readonly ReachWay[]): string {
  const said = ways.map(
    ({ name, path, sensitivity }) =>
      `${name} ${path.map(({ how, to }) => `${how} ${to}`).join(', ')} (${sensitivity.replace('-', ' ')})`,
  );
  return `How far identities reach: ${said.join('; ')}.`;
}
