#!/usr/bin/env bash
# Runs garak against its own `test.Lipsum` generator, which answers every prompt with filler text: a stand-in for the
# assistant that needs no model. Needs: pip install garak==0.17.1. Writes evidence/probes/garak.report.jsonl.gz.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HF_HUB_OFFLINE=1 XDG_DATA_HOME="$work/data" XDG_CONFIG_HOME="$work/config" XDG_CACHE_HOME="$work/cache"
"${PYTHON:-python3}" -m garak --config "$here/garak.yaml" --report_prefix claims
mkdir -p "$here/../probes"
# The report names folders of the machine it was made on; they say nothing about the result.
sed -e "s#$work#.#g" -e "s#$here#.#g" -e 's#"/[^"]*/site-packages/#"#g' "$work/data/garak/garak_runs/claims.report.jsonl" | gzip -9n > "$here/../probes/garak.report.jsonl.gz"
