#!/usr/bin/env bash
# moto does not let a DNS record be created again after it was deleted.
#
# Route 53 takes CREATE for a name that has no record, also if it had one before. moto 5.2.5 refuses it with
# InvalidChangeBatch "it already exists", although list_resource_record_sets shows no such record; UPSERT works. Who
# creates, deletes and creates again (a blue and green switch, a test with fixed names) fails in moto alone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[route53]==5.2.5" boto3==1.44.8
"$folder/venv/bin/python" - <<'PYTHON'
import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

with mock_aws():
    route53 = boto3.client("route53", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    record = {"Name": "app.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}

    def change(action):
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        try:
            route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
            return "taken"
        except ClientError as error:
            return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"

    said = {action: change(action) for action in ["CREATE", "DELETE"]}
    names = [one["Name"] for one in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]]
    again = change("CREATE")
    print(f"{said}; records now: {names}; CREATE again: {again}")
    assert said == {"CREATE": "taken", "DELETE": "taken"} and "app.example.com." not in names
    assert again.startswith("InvalidChangeBatch"), "this has changed: a deleted record can be created again"
PYTHON
