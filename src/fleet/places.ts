import { realpathSync } from 'node:fs';
import path from 'node:path';
import { ProbityError } from '../errors.ts';
import { isWithin } from '../files/place.ts';

/** Where files lie: a folder or file of this machine, a bucket and what its keys begin with, or a web address. */
export type Place =
  | { kind: 'folder'; path: string }
  | { kind: 's3'; bucket: string; key: string }
  | { kind: 'https'; url: string };

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * Reads a place as people write it. A relative path is one from `base`.
 * @throws ProbityError USAGE for what is none
 */
export function parsePlace(text: string, base: string): Place {
  const refuse = (what: string, remedy: string): never => {
    throw new ProbityError('USAGE', what, { where: text, remedy });
  };
  if (text.includes('\0') || text.trim() === '')
    refuse('the name of a place is empty', 'Name a folder, or s3://BUCKET');
  if (/^s3:/i.test(text)) {
    const match = /^s3:\/\/([^/]+)\/?(.*)$/.exec(text);
    if (!match || !BUCKET.test(match[1] ?? '')) refuse('not a place in S3', 'Write it as s3://BUCKET/PREFIX');
    const key = (match?.[2] ?? '').replace(/\/+$/, '');
    if (key.split('/').some((part) => part === '..' || part === '.') || key.includes('//'))
      refuse('a key has no dots or empty parts', 'Write it as s3://BUCKET/PREFIX');
    return { kind: 's3', bucket: match?.[1] ?? '', key };
  }
  if (/^https:/i.test(text)) {
    const url = URL.canParse(text) ? new URL(text) : refuse('not an address', 'Write it as https://HOST/FILE');
    if (url.username !== '' || url.password !== '')
      refuse('an address that is put into a queue carries no password', 'Leave the user and the password out');
    return { kind: 'https', url: url.href };
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text))
    refuse('places of this kind are not read', 'Name a folder, s3://BUCKET/PREFIX or https://HOST/FILE');
  return { kind: 'folder', path: path.resolve(base, text) };
}

/** A place as people write it; {@link parsePlace} reads it again. */
export function placeText(place: Place): string {
  if (place.kind === 'folder') return place.path;
  if (place.kind === 'https') return place.url;
  return `s3://${place.bucket}${place.key === '' ? '' : `/${place.key}`}`;
}

/** The place below another; of an address there is none. */
export function below(place: Place, name: string): Place {
  if (place.kind === 'folder') return { kind: 'folder', path: path.join(place.path, name) };
  if (place.kind === 's3') return { ...place, key: place.key === '' ? name : `${place.key}/${name}` };
  return { kind: 'https', url: new URL(name, place.url.endsWith('/') ? place.url : `${place.url}/`).href };
}

/** The folder of a file, with the file's own name. */
export function parentOf(place: Place): { folder: Place; name: string } {
  if (place.kind === 'folder')
    return { folder: { kind: 'folder', path: path.dirname(place.path) }, name: path.basename(place.path) };
  if (place.kind === 's3') {
    const at = place.key.lastIndexOf('/');
    return { folder: { ...place, key: at === -1 ? '' : place.key.slice(0, at) }, name: place.key.slice(at + 1) };
  }
  return {
    folder: { kind: 'https', url: new URL('.', place.url).href },
    name: path.posix.basename(new URL(place.url).pathname),
  };
}

/** A path as the disk has it, links resolved, as far as it is there. */
function real(file: string): string {
  for (let at = file, rest = ''; ; rest = path.join(path.basename(at), rest), at = path.dirname(at)) {
    try {
      return path.join(realpathSync(at), rest);
    } catch {
      if (path.dirname(at) === at) return file;
    }
  }
}

/** Whether a place is one of those allowed, or lies below one; links lead where they lead. */
export function isAllowed(place: Place, roots: readonly Place[]): boolean {
  return roots.some((root) => {
    if (root.kind === 'folder' && place.kind === 'folder') return isWithin(real(root.path), real(place.path));
    if (root.kind === 's3' && place.kind === 's3')
      return (
        root.bucket === place.bucket &&
        (root.key === '' || place.key === root.key || place.key.startsWith(`${root.key}/`))
      );
    if (root.kind === 'https' && place.kind === 'https') {
      const [from, to] = [new URL(root.url), new URL(place.url)];
      const folder = from.pathname.endsWith('/') ? from.pathname : `${from.pathname}/`;
      return from.origin === to.origin && (to.pathname === from.pathname || to.pathname.startsWith(folder));
    }
    return false;
  });
}
