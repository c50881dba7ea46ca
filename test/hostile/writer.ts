/* Writes a small pack of one generation into a folder, for a test that stops it anywhere. */
import { writePack } from '../../src/pack/write.ts';

const [folder = '', generation = ''] = process.argv.slice(2);
const names =
  generation === 'old'
    ? ['report.pdf', 'report.xlsx', 'assessment.json']
    : ['report.pdf', 'assessment.json', 'attestation.dsse.json'];
await writePack(folder, new Map(names.map((name) => [name, Buffer.from(`${generation} ${name}`)])));
