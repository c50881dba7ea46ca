import path from 'node:path';
import { ProbityError } from '../errors.ts';
import { isWithin } from '../files/place.ts';
import type { LoadedWorkspace } from './workspace.ts';

/**
 * The folders of own controls that a workspace names, as paths from the current folder.
 * @throws ProbityError WORKSPACE_INVALID for one outside the workspace, which only whoever runs this may name
 */
export function overlaysOf({ workspace, root, file }: LoadedWorkspace): string[] {
  return workspace.controls.map((folder) => {
    const place = path.resolve(root, folder);
    if (!isWithin(root, place))
      throw new ProbityError('WORKSPACE_INVALID', `the controls in ${folder} lie outside of its folder`, {
        where: file,
        remedy: 'Move them into the folder of probity.yaml, or name theirs with --controls',
      });
    return path.relative('', place) || '.';
  });
}
