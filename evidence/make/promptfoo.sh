#!/usr/bin/env bash
# Runs promptfoo with its echo provider. Needs: npm install promptfoo. Writes evidence/probes/promptfoo.results.json.gz.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PROMPTFOO_DISABLE_TELEMETRY=1 PROMPTFOO_DISABLE_UPDATE=1 PROMPTFOO_CONFIG_DIR="$work/config"
cp "$here/promptfoo.yaml" "$work/promptfooconfig.yaml"
cp "$here/promptfoo-tests.cjs" "$work/"
mkdir -p "$here/../probes"
# promptfoo exits with 100 when a test fails, which is what the probes are for.
(cd "$work" && ${PROMPTFOO:-promptfoo} eval --no-cache --no-table --no-progress-bar -o results.json) || [ $? -eq 100 ]
sed -e "s#$work#.#g" "$work/results.json" | gzip -9n > "$here/../probes/promptfoo.results.json.gz"
