#!/usr/bin/env bash
# Makes access/claims-agent.secrets.json: detect-secrets over a small repository that is made here, and one answer to its audit.
# Needs git and detect-secrets 1.5. The keys are invented and open nothing.
set -euo pipefail
out="$(cd "$(dirname "$0")/.." && pwd)/access/claims-agent.secrets.json"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
git init -q .
mkdir -p deploy test
printf 'export MODEL=claims-llm\nexport AWS_ACCESS_KEY_ID=AKIA%s\n' QYLPMN5HIAVBFD2K > deploy/env.sh
printf 'password = "correct-horse-battery-staple-42"\n' > test/fixture.ini
printf 'print("claims agent")\n' > agent.py
git add -A
detect-secrets scan > .secrets.baseline
# Audit: the key is skipped, the made-up password of the test is no secret.
printf 's\ny\nq\n' | detect-secrets audit .secrets.baseline > /dev/null || true
cp .secrets.baseline "$out"
