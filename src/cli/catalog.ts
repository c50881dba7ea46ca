import { Flags } from '@oclif/core';

/** Where a catalog comes from, for every command that reads one. */
export const controlsFlag = Flags.string({
  description:
    'a folder of own controls, profiles, frameworks and probe maps that is laid over the catalog; may be given more than once',
  multiple: true,
});
