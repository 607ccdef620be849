#!/usr/bin/env bash
# cdk diff reports no replacement when a create-only value lies inside a property
#
# Versions: aws-cdk 2.1148.1 (npm), cfn-lint 1.58.0 (PyPI; it ships the CloudFormation registry schema).
# Question: does `cdk diff --fail-on destructive` fail when the RequestInterval of a Route 53 health check changes?
# Usual guess: yes. CloudFormation replaces the health check, and the option fails on changes that replace a resource.
# Seen (2026-11-29): the schema lists HealthCheckConfig/RequestInterval, /Type and /MeasureLatency as create-only.
#   `cdk diff --template` shows "[~] HealthCheckConfig" without a word about replacement, and the exit code is 0.
#   A create-only property at the top level (HostedZoneId of a record) gives "requires replacement" and exit code 1.
#   The template comparison seems to read the update type of top-level properties only.
# Source: the page AWS::Route53::HealthCheck HealthCheckConfig (update requirement of each value) under
#   https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/; `cdk diff --help` (--fail-on, --method).
# For DNS failover: a deploy gate based on a template-only diff lets a new health check in place of the old one pass.
#   Use --method=change-set for the gate, or compare the three values.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
fail() { echo "CHANGED: $*" >&2; exit 1; }

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check cfn-lint==1.58.0
npm install --silent --no-audit --no-fund --prefix . aws-cdk@2.1148.1 >/dev/null

venv/bin/python - <<'PYTHON' || fail "the registry schema lists other create-only values"
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", "AWS::Route53::HealthCheck").schema
names = {path.rsplit("/", 1)[1] for path in schema["createOnlyProperties"]}
print("create-only in the schema:", ", ".join(sorted(names)))
raise SystemExit(names != {"MeasureLatency", "RequestInterval", "Type"})
PYTHON

mkdir assembly
cat > assembly/manifest.json <<'JSON'
{"version": "36.0.0", "artifacts": {"Failover": {"type": "aws:cloudformation:stack",
 "environment": "aws://123456789012/us-east-1", "properties": {"templateFile": "template.json"}}}}
JSON

# Arguments: file, RequestInterval, HostedZoneId.
write_template() {
  cat > "$1" <<JSON
{"Resources": {
  "Check": {"Type": "AWS::Route53::HealthCheck", "Properties": {"HealthCheckConfig": {
    "Type": "HTTPS", "FullyQualifiedDomainName": "www.example.com", "RequestInterval": $2}}},
  "Record": {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneId": "$3", "Name": "www.example.com.",
    "Type": "A", "TTL": "30", "ResourceRecords": ["192.0.2.1"]}}}}
JSON
}

# Print the diff and its exit code.
diff_templates() {
  local code=0
  CDK_DISABLE_CLI_TELEMETRY=true CDK_DISABLE_VERSION_CHECK=true npx --no-install cdk diff --app assembly \
    --template deployed.json --fail-on destructive --no-color --no-notices Failover 2>&1 || code=$?
  echo "exit code $code"
}

write_template deployed.json 30 Z1EXAMPLE

write_template assembly/template.json 10 Z1EXAMPLE
nested=$(diff_templates)
echo "$nested"
grep -q 'RequestInterval' <<<"$nested" || fail "the diff does not show RequestInterval"
grep -qi 'replace' <<<"$nested" && fail "the diff reports the replacement of the health check"
grep -qx 'exit code 0' <<<"$nested" || fail "--fail-on destructive no longer passes"

write_template assembly/template.json 30 Z2EXAMPLE
top_level=$(diff_templates)
echo "$top_level"
grep -q 'requires replacement' <<<"$top_level" || fail "the diff reports no replacement of the record"
grep -qx 'exit code 1' <<<"$top_level" || fail "--fail-on destructive does not fail for the record"

echo "As recorded: the replacement of a health check is not reported, the replacement of a record is."
