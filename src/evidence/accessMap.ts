import { z } from 'zod';

/* What the keeper of evidence says of a table of identities whose columns nobody else knows. */

/** Fields of which an identity has one value, whichever of its rows says it. */
export const SINGLE_FIELDS = [
  'name',
  'type',
  'owner',
  'ownerStatus',
  'active',
  'created',
  'lastUsed',
  'admin',
  'root',
  'mfa',
  'interactive',
  'authentication',
  'vendor',
  'reviewed',
] as const;
/** Of these an identity may have several, in one cell or in several rows. */
export const RIGHTS_FIELDS = ['roles', 'assumes', 'resources', 'actions'] as const;
export const CREDENTIAL_FIELDS = [
  'credentialId',
  'credentialType',
  'credentialActive',
  'credentialCreated',
  'credentialExpires',
  'credentialLastUsed',
] as const;

/** Of these, a blank says that there is no credential; one that never ends, or was never used, has no day for it. */
const SHOWING_CREDENTIALS = ['credentialId', 'credentialType', 'credentialActive', 'credentialCreated'] as const;

/** Of these, blanks say that there are no rights; who may become nobody else may have rights outright. */
const SHOWING_RIGHTS = ['roles', 'resources', 'actions'] as const;

/** What a column can be; most are fields of an identity in an AccessInventory. */
export const ACCESS_FIELDS = [
  'id',
  ...SINGLE_FIELDS,
  'scopes',
  'reaches',
  'stages',
  'rights',
  'workloads',
  'environments',
  'tenants',
  ...RIGHTS_FIELDS,
  'resourceType',
  'resourceSurface',
  'sensitivity',
  ...CREDENTIAL_FIELDS,
] as const;

export type AccessField = (typeof ACCESS_FIELDS)[number];

const field = z.enum(ACCESS_FIELDS);
const column = z.string().min(1).max(300);

export const accessMap = z
  .strictObject({
    /** The column of each field; of JSON the key, with dots for keys within. */
    columns: z
      .partialRecord(field, column)
      .refine((columns) => columns.id !== undefined, 'has to name the column of id'),
    /** What words of the file mean, by field: `type: {"Service principal": machine}`. */
    values: z
      .partialRecord(field, z.record(z.string().max(300), z.union([z.string().min(1).max(300), z.boolean()])))
      .optional(),
    /** What stands between several values in one cell; by itself a comma, a semicolon, a bar or a line end. */
    separator: z.string().min(1).max(10).optional(),
    /** How dates like 03/04/2026 are meant. */
    dates: z.enum(['day-first', 'month-first']).optional(),
    /** Of what the file lists all that its identities have. Without it, what it lists can fail a control and not pass one. */
    complete: z.array(z.enum(['credentials', 'rights'])).optional(),
    /** `none` states that no third party has an identity. */
    thirdParties: z.enum(['listed', 'none']).optional(),
  })
  .refine(
    ({ columns, complete }) =>
      !complete?.includes('credentials') || SHOWING_CREDENTIALS.some((name) => columns[name] !== undefined),
    'complete names credentials, and no column shows whether there is one (credentialId, credentialType, credentialActive or credentialCreated)',
  )
  .refine(
    ({ columns, complete }) =>
      !complete?.includes('rights') || SHOWING_RIGHTS.some((name) => columns[name] !== undefined),
    'complete names rights, and no column holds roles, resources or actions',
  );

export type AccessMap = z.infer<typeof accessMap>;
