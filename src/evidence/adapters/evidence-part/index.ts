import { type Adapter, newReading } from '../../adapter.ts';
import { readPart } from '../../parts/part.ts';

// What `probity evidence summarise` writes. What comes of it is known once all parts of a file are there (parts/assemble.ts).

const START = /^\s*\{\s*"apiVersion"\s*:\s*"probity\/v\d+"\s*,\s*"kind"\s*:\s*"EvidencePart"/;

export const adapter: Adapter = {
  format: 'evidence-part',
  title: 'part of a large file, made by probity evidence summarise (JSON)',
  about: {
    group: "Probity's own",
    files: 'part of a large file, made by `evidence summarise`',
    recognisedBy: '`kind: EvidencePart`',
    gives: 'what its range of the file holds, once all parts are there',
    limits: 'some parts of a file count for nothing',
  },
  recognise: (head) => (START.test(head.text.slice(0, 300)) ? 1 : 0),
  async read(file) {
    return { ...newReading(), part: readPart(await file.json(), file.path) };
  },
};
