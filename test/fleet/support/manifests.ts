import { z } from 'zod';
import { parseYaml } from '../../../src/files/yaml.ts';

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({}),
});

/** The documents of a file of Kubernetes manifests. */
export function parseAllDocuments(text: string): z.infer<typeof manifest>[] {
  return text.split(/^---$/m).map((part) => manifest.parse(parseYaml(part, 'fleet.k8s.yaml', 'FLEET_INVALID').value));
}
