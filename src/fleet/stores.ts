import type { ObjectStore } from './objects.ts';
import type { Place } from './places.ts';

/** Opens the store of a place. */
export async function openStore(place: Exclude<Place, { kind: 'https' }>): Promise<ObjectStore> {
  if (place.kind === 'folder') return new (await import('./folderStore.ts')).FolderStore(place);
  return (await import('./s3Store.ts')).openS3Store(place);
}
