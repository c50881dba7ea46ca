import type { Adapter } from '../adapter.ts';
import { adapter as awsCredentialReport } from './aws-credential-report/index.ts';
import { adapter as azureRedTeam } from './azure-red-team/index.ts';
import { adapter as deepeval } from './deepeval/index.ts';
import { adapter as deepteam } from './deepteam/index.ts';
import { adapter as detectSecrets } from './detect-secrets/index.ts';
import { adapter as garak } from './garak/index.ts';
import { adapter as garakHitlog } from './garak-hitlog/index.ts';
import { adapter as giskard } from './giskard/index.ts';
import { adapter as inspect } from './inspect/index.ts';
import { adapter as leakpro } from './leakpro/index.ts';
import { adapter as memaudit } from './memaudit/index.ts';
import { adapter as membershipNpz } from './membership-npz/index.ts';
import { adapter as membershipParquet } from './membership-parquet/index.ts';
import { adapter as membershipScores } from './membership-scores/index.ts';
import { adapter as mimir } from './mimir/index.ts';
import { adapter as probity } from './probity/index.ts';
import { adapter as promptfoo } from './promptfoo/index.ts';
import { adapter as pyrit } from './pyrit/index.ts';
import { adapter as tensorflowPrivacy } from './tensorflow-privacy/index.ts';
import { adapter as threatDragon } from './threat-dragon/index.ts';

/** Every format that is read. */
export const ADAPTERS: readonly Adapter[] = [
  awsCredentialReport,
  azureRedTeam,
  deepeval,
  deepteam,
  detectSecrets,
  garak,
  garakHitlog,
  giskard,
  inspect,
  leakpro,
  memaudit,
  membershipNpz,
  membershipParquet,
  membershipScores,
  mimir,
  probity,
  promptfoo,
  pyrit,
  tensorflowPrivacy,
  threatDragon,
];
