#!/usr/bin/env bash
# moto issues certificates that nobody has proved.
#
# On AWS a certificate that is validated by DNS stays PENDING_VALIDATION until the CNAME record that ACM asks for is in the
# zone. moto 5.2.5 issues it when a timer ends (60 s, or MOTO_ACM_VALIDATION_WAIT), whether or not there is a hosted zone
# or a record: a program that forgets to write the record passes its tests.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[acm,route53]==5.2.5" boto3==1.44.8
MOTO_ACM_VALIDATION_WAIT=1 "$folder/venv/bin/python" - <<'PYTHON'
import time

import boto3
from moto import mock_aws

with mock_aws():
    keys = {"region_name": "eu-central-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    acm, route53 = boto3.client("acm", **keys), boto3.client("route53", **keys)
    arn = acm.request_certificate(DomainName="app.example.com", ValidationMethod="DNS")["CertificateArn"]
    first = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    time.sleep(2)
    second = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    print(f"record to write: {first['DomainValidationOptions'][0].get('ResourceRecord')}")
    print(f"hosted zones: {len(route53.list_hosted_zones()['HostedZones'])}; {first['Status']}, two seconds later {second['Status']}")
    assert (first["Status"], second["Status"]) == ("PENDING_VALIDATION", "ISSUED"), "this has changed"
PYTHON
