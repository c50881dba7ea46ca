import { parentPort } from 'node:worker_threads';
import { ADAPTERS } from '../adapters/index.ts';
import type { Piece, PieceRead } from './parallel.ts';
import { summarise } from './summarise.ts';

/* A thread that reads pieces of a file, one after the other (parallel.ts). */

parentPort?.on('message', async ({ file, options }: Piece) => {
  const answer: PieceRead = await summarise(file, ADAPTERS, options).then(
    (part) => ({ part }),
    () => ({}),
  );
  parentPort?.postMessage(answer);
});
