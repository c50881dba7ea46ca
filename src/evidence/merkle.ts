import { createHash } from 'node:crypto';

/** What of a file goes into the tree. */
export interface Leaf {
  path: string;
  sha256: string;
  bytes: number;
  accepted: boolean;
}

/**
 * The root of the Merkle tree over the evidence index: leaf = SHA-256(0x00 || canonical JSON of path, digest, size and
 * acceptance), node = SHA-256(0x01 || left || right), an odd node moves up unchanged (RFC 6962, section 2.1).
 * @returns hex; for no files the SHA-256 of nothing
 */
export function evidenceRoot(files: readonly Leaf[]): string {
  const sha = (...parts: Uint8Array[]): Buffer => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const tree = (leaves: Buffer[]): Buffer => {
    if (leaves.length === 1) return leaves[0] as Buffer;
    let split = 1;
    while (split * 2 < leaves.length) split *= 2;
    return sha(Buffer.of(1), tree(leaves.slice(0, split)), tree(leaves.slice(split)));
  };
  if (files.length === 0) return sha().toString('hex');
  return tree(
    files.map(({ path: name, sha256, bytes, accepted }) =>
      sha(Buffer.of(0), Buffer.from(JSON.stringify({ path: name, sha256, bytes, accepted }))),
    ),
  ).toString('hex');
}
