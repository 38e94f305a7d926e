#!/usr/bin/env bash
# The tests of bake.sh. AWSTEST_SERVER is the program awstest-server.
set -euo pipefail
: "${AWSTEST_SERVER:?}"
cd "$(dirname "$0")"

# A server of our own, in which nothing takes time, and its environment.
env=$(mktemp)
"$AWSTEST_SERVER" -port 0 -time instant >"$env" &
server=$!
trap 'kill $server; wait $server; rm -f "$env"' EXIT
until grep -q '^#' "$env"; do # the variables are above
	kill -0 $server
	sleep 0.1
done
set -a
eval "$(grep '^export ' "$env")"
set +a

# control METHOD PATH [BODY]: one of the requests that the server has beside AWS's.
control() { curl -sf -X "$1" "$AWS_ENDPOINT_URL/_awstest/$2" -d "${3:-}"; }

# begin NAME: a test, in which all is as it was at the start.
begin() {
	echo "$1"
	control POST reset >/dev/null
	instance=$(aws ec2 describe-instances --filters Name=tag:Name,Values=prepared --query 'Reservations[0].Instances[0].InstanceId' --output text)
}

begin "an image is made once"
image=$(bash bake.sh "$instance" web-42)
[ "$(bash bake.sh "$instance" web-42)" = "$image" ]
[ "$(control GET calls | grep -c '"operation": "CreateImage"')" = 1 ]

begin "where the answer is lost, the next run takes up what is there"
control POST faults '{"kind": "loseResponseForGood", "match": {"operation": "CreateImage"}}' >/dev/null
if bash bake.sh "$instance" web-42 2>/dev/null; then exit 1; fi
image=$(bash bake.sh "$instance" web-42)
[ "$(aws ec2 describe-images --owners self --filters Name=name,Values=web-42 --query 'Images[].ImageId' --output text)" = "$image" ]

begin "an image that fails is an error"
control POST faults '{"kind": "failImages", "name": "web-42", "code": "Client.InternalError", "message": "No luck."}' >/dev/null
if bash bake.sh "$instance" web-42 2>/dev/null; then exit 1; fi

echo passed
