import type { Place } from './places.ts';

/** One object or file below a place. */
export interface Listed {
  /** Below the place, with slashes. */
  name: string;
  bytes: number;
  /** Changes whenever the content does: an ETag, or what a file system knows. */
  mark: string;
}

/** Files by name, in a folder or a bucket. Names are relative to the place that the store was opened for. */
export interface ObjectStore {
  place: Exclude<Place, { kind: 'https' }>;
  /** Everything below a name that ends with a slash (or everything), in the order of names. @throws STORE_FAILED */
  list(prefix: string): AsyncIterable<Listed>;
  /** A small file, or undefined when there is none. @throws ProbityError STORE_FAILED, also past the limit */
  get(name: string, limit: number): Promise<Buffer | undefined>;
  /** Fetches a file to the disk. @throws ProbityError STORE_FAILED, also when it is not the one that was listed */
  fetch(listed: Listed, to: string): Promise<void>;
  /** Puts a file there unless one is there already; says whether it was put. */
  putIfAbsent(name: string, content: Uint8Array): Promise<boolean>;
  put(name: string, content: Uint8Array): Promise<void>;
  /** Puts several files below a folder that carries the digest of their content; all of them, or none that counts. */
  putFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Removes everything below a folder; what cannot be removed stays. */
  removeFolder(folder: string): Promise<void>;
  /** Names of the folders right below one. */
  folders(prefix: string): Promise<string[]>;
}
