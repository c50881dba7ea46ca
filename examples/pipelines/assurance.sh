#!/bin/sh
# Assesses, signs, decides. Exit codes: 0 the gate is open, 1 it is closed, 2 it cannot be said.
#   assurance.sh ARTIFACT POLICY [OUT]
# PROBITY_IDENTITY names a PKCS#12 file and PROBITY_PASSPHRASE opens it; without them a trial identity signs.
set -eu
artifact=$1 policy=$2 out=${3:-probity-pack}
digest=$(sha256sum "$artifact" | cut -d' ' -f1)
set -- --format pdf,xlsx,json,md,junit --out "$out" --subject "$(basename "$artifact")=sha256:$digest"
[ -z "${PROBITY_IDENTITY:-}" ] || set -- "$@" --identity "$PROBITY_IDENTITY"
probity run "$@" || exit 2
probity gate "$out" --policy "$policy" --artifact "$artifact" --markdown "$out-gate.md" --junit "$out-gate.junit.xml"
