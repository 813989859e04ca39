#!/usr/bin/env bash
# boto3 and version 1 of the AWS CLI do not read AWS_REGION.
#
# The SDKs for Rust, Go, JavaScript and Java, and version 2 of the CLI, take the region from AWS_REGION. botocore 1.44.8,
# and so boto3 1.44.8 and awscli 1.46.3 of PyPI, read AWS_DEFAULT_REGION alone: with AWS_REGION set they say that no
# region is configured. A script that sets one of the two works for half of the tools; set both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check awscli==1.46.3 boto3==1.44.8 botocore==1.44.8

cat > "$folder/region.py" <<'PYTHON'
import boto3, botocore.exceptions
try:
    print(boto3.client("ecs").meta.region_name)
except botocore.exceptions.NoRegionError as error:
    print(f"NoRegionError: {error}")
PYTHON

ask() {
  env -i HOME="$folder" PATH="$PATH" AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_EC2_METADATA_DISABLED=true "$@" 2>&1 | tail -n 1
}
expect() {
  echo "$1: $2"
  [ "$2" = "$3" ] || { echo "this has changed; it was: $3" >&2; exit 1; }
}
python=$folder/venv/bin/python
expect "boto3 with AWS_REGION" "$(ask AWS_REGION=eu-central-1 "$python" "$folder/region.py")" "NoRegionError: You must specify a region."
expect "boto3 with AWS_DEFAULT_REGION" "$(ask AWS_DEFAULT_REGION=eu-central-1 "$python" "$folder/region.py")" "eu-central-1"
expect "aws with AWS_REGION" "$(ask AWS_REGION=eu-central-1 "$python" "$folder/venv/bin/aws" ecs list-services)" \
  'You must specify a region. You can also configure your region by running "aws configure".'
