import type { Adapter } from '../adapter.ts';
import { adapter as accessTable } from './access-table/index.ts';
import { adapter as atlasLayer } from './atlas-layer/index.ts';
import { adapter as awsAccessAnalyzer } from './aws-access-analyzer/index.ts';
import { adapter as awsAuthorizationDetails } from './aws-authorization-details/index.ts';
import {
  adapter as awsCredentialReport,
  jsonAdapter as awsCredentialReportJson,
} from './aws-credential-report/index.ts';
import { adapter as azureRedTeam } from './azure-red-team/index.ts';
import { adapter as deepeval } from './deepeval/index.ts';
import { adapter as deepteam } from './deepteam/index.ts';
import { adapter as detectSecrets } from './detect-secrets/index.ts';
import { adapter as entra } from './entra/index.ts';
import { adapter as evidencePart } from './evidence-part/index.ts';
import { adapter as garak } from './garak/index.ts';
import { adapter as garakHitlog } from './garak-hitlog/index.ts';
import { adapter as giskard } from './giskard/index.ts';
import { adapter as gitLog } from './git-log/index.ts';
import {
  deployKeysAdapter as githubDeployKeys,
  installationsAdapter as githubInstallations,
  tokensAdapter as githubTokens,
} from './github-access/index.ts';
import { adapter as githubSecretScanning } from './github-secret-scanning/index.ts';
import { adapter as gitleaks, csvAdapter as gitleaksCsv } from './gitleaks/index.ts';
import {
  accountsAdapter as googleAccounts,
  keysAdapter as googleKeys,
  policyAdapter as googlePolicies,
} from './google-cloud/index.ts';
import { adapter as inspect } from './inspect/index.ts';
import { adapter as kubernetes } from './kubernetes/index.ts';
import { adapter as leakpro } from './leakpro/index.ts';
import { adapter as mcpConfiguration } from './mcp-configuration/index.ts';
import { adapter as memaudit } from './memaudit/index.ts';
import { adapter as membershipNpz } from './membership-npz/index.ts';
import { adapter as membershipParquet } from './membership-parquet/index.ts';
import { adapter as membershipScores } from './membership-scores/index.ts';
import { adapter as mimir } from './mimir/index.ts';
import { appsAdapter as oktaApps, tokensAdapter as oktaTokens } from './okta/index.ts';
import { adapter as openThreatModel } from './open-threat-model/index.ts';
import { adapter as oscalResults } from './oscal-results/index.ts';
import { adapter as probity } from './probity/index.ts';
import { adapter as promptfoo } from './promptfoo/index.ts';
import { ocsfAdapter as ocsfFindings, csvAdapter as prowlerCsv } from './prowler/index.ts';
import { adapter as pyrit } from './pyrit/index.ts';
import { adapter as pytm } from './pytm/index.ts';
import { adapter as sarif } from './sarif/index.ts';
import { adapter as spire } from './spire/index.ts';
import { adapter as tensorflowPrivacy } from './tensorflow-privacy/index.ts';
import { adapter as terraformState } from './terraform-state/index.ts';
import { adapter as threagile, risksAdapter as threagileRisks } from './threagile/index.ts';
import { adapter as threatComposer } from './threat-composer/index.ts';
import { adapter as threatDragon, legacyAdapter as threatDragonLegacy } from './threat-dragon/index.ts';
import { adapter as cyclonedxThreatModel, libraryAdapter as threatModelLibrary } from './tm-bom/index.ts';
import { adapter as microsoftTmt, csvAdapter as microsoftTmtCsv } from './tmt/index.ts';
import { adapter as trufflehog } from './trufflehog/index.ts';
import { adapter as vault } from './vault/index.ts';

/** Every format that is read. */
export const ADAPTERS: readonly Adapter[] = [
  accessTable,
  atlasLayer,
  awsAccessAnalyzer,
  awsAuthorizationDetails,
  awsCredentialReport,
  awsCredentialReportJson,
  azureRedTeam,
  cyclonedxThreatModel,
  deepeval,
  deepteam,
  detectSecrets,
  entra,
  evidencePart,
  garak,
  garakHitlog,
  giskard,
  gitLog,
  githubDeployKeys,
  githubInstallations,
  githubSecretScanning,
  githubTokens,
  gitleaks,
  gitleaksCsv,
  googleAccounts,
  googleKeys,
  googlePolicies,
  inspect,
  kubernetes,
  leakpro,
  mcpConfiguration,
  memaudit,
  membershipNpz,
  membershipParquet,
  membershipScores,
  microsoftTmt,
  microsoftTmtCsv,
  mimir,
  ocsfFindings,
  oktaApps,
  oktaTokens,
  openThreatModel,
  oscalResults,
  probity,
  promptfoo,
  prowlerCsv,
  pyrit,
  pytm,
  sarif,
  spire,
  tensorflowPrivacy,
  terraformState,
  threagile,
  threagileRisks,
  threatComposer,
  threatDragon,
  threatDragonLegacy,
  threatModelLibrary,
  trufflehog,
  vault,
];
