/** The kinds of systems that `init` lays a workspace out for; what each has stands in `starter.ts`. */
export const KIND_NAMES = ['rag', 'agent', 'classifier', 'fine-tuned', 'vendor-hosted'] as const;

export type KindName = (typeof KIND_NAMES)[number];
