#!/usr/bin/env bash
# The way of an image to its fleet by hand, with the AWS CLI, against an
# awstest-server whose environment is that of this script:
#
#   go -C examples run ./awstest-server -time realistic &
#   eval the lines that it prints
#   bash examples/clients/manual.sh
#
# Nothing in it waits: where AWS would take minutes, the server's clock is moved.
set -euo pipefail

# later DURATION: moves the server's clock forward.
later() { curl -sf -X POST "$AWS_ENDPOINT_URL/_awstest/clock" -d "{\"advance\": \"$1\"}" >/dev/null; }

# is WHAT GOT WANTED
is() {
	if [ "$2" != "$3" ]; then
		printf '%s is %q, not %q\n' "$1" "$2" "$3"
		exit 1
	fi
	printf '%s: %s\n' "$1" "$2"
}

# refused CODE COMMAND...: the command fails with AWS's code.
refused() {
	local code=$1 said
	shift
	if said=$("$@" 2>&1); then
		echo "$* succeeds"
		exit 1
	fi
	case $said in *"($code)"*) printf '%s: %s\n' "$code" "$*" ;; *) echo "$* fails with $said" && exit 1 ;; esac
}

curl -sf -X POST "$AWS_ENDPOINT_URL/_awstest/reset" >/dev/null
export AWS_PAGER=
group=storefront

instance=$(aws ec2 describe-instances --filters Name=tag:Name,Values=prepared --query 'Reservations[].Instances[].InstanceId' --output text)
template=$(aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names $group \
	--query 'AutoScalingGroups[0].LaunchTemplate.LaunchTemplateId' --output text)

# The four commands, and the waits between them.
image=$(aws ec2 create-image --instance-id "$instance" --name storefront-2 --no-reboot --query ImageId --output text)
is "the image" "$(aws ec2 describe-images --image-ids "$image" --query 'Images[0].State' --output text)" pending
later 10m
aws ec2 wait image-available --image-ids "$image"

version=$(aws ec2 create-launch-template-version --launch-template-id "$template" --source-version 1 \
	--launch-template-data "{\"ImageId\": \"$image\"}" --query LaunchTemplateVersion.VersionNumber --output text)
is "the version" "$version" 2

aws autoscaling update-auto-scaling-group --auto-scaling-group-name $group --launch-template "LaunchTemplateId=$template,Version=$version"

refresh=$(aws autoscaling start-instance-refresh --auto-scaling-group-name $group \
	--preferences '{"InstanceWarmup": 30, "MinHealthyPercentage": 50}' --query InstanceRefreshId --output text)
refused InstanceRefreshInProgress aws autoscaling start-instance-refresh --auto-scaling-group-name $group
status=
for _ in $(seq 60); do
	status=$(aws autoscaling describe-instance-refreshes --auto-scaling-group-name $group --instance-refresh-ids "$refresh" \
		--query 'InstanceRefreshes[0].Status' --output text)
	case $status in Pending | InProgress) later 1m ;; *) break ;; esac
done
is "the refresh" "$status" Successful
instances=$(aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names $group --query 'AutoScalingGroups[0].Instances[].InstanceId' --output text)
# shellcheck disable=SC2086 # they are several
is "the images of the group" "$(aws ec2 describe-instances --instance-ids $instances \
	--query 'Reservations[].Instances[].ImageId' --output text | tr '\t' '\n' | sort -u)" "$image"

# A copy, shared with another account, deprecated and named by a parameter.
copy=$(aws ec2 copy-image --region us-east-1 --source-region "$AWS_REGION" --source-image-id "$image" --name storefront-2 --query ImageId --output text)
later 15m
aws ec2 wait image-available --region us-east-1 --image-ids "$copy"
refused InvalidAMIID.NotFound env AWS_ACCESS_KEY_ID=210987654321 aws ec2 describe-images --region us-east-1 --image-ids "$copy"
aws ec2 modify-image-attribute --region us-east-1 --image-id "$copy" --launch-permission 'Add=[{UserId=210987654321}]'
is "the permission" "$(aws ec2 describe-image-attribute --region us-east-1 --image-id "$copy" --attribute launchPermission \
	--query 'LaunchPermissions[].UserId' --output text)" 210987654321
is "what the other account sees" "$(AWS_ACCESS_KEY_ID=210987654321 aws ec2 describe-images --region us-east-1 --executable-users self \
	--query 'Images[].ImageId' --output text)" "$copy"
next=$(($(date +%Y) + 1))
aws ec2 enable-image-deprecation --region us-east-1 --image-id "$copy" --deprecate-at "$next-01-01T00:00:00Z" >/dev/null
is "the deprecation" "$(aws ec2 describe-images --region us-east-1 --image-ids "$copy" --query 'Images[0].DeprecationTime' --output text)" "$next-01-01T00:00:00.000Z"
aws ssm put-parameter --name /storefront/image --type String --data-type aws:ec2:image --value "$image" >/dev/null
later 1m
is "the parameter" "$(aws ssm get-parameter --name /storefront/image --query Parameter.Value --output text)" "$image"
refused ParameterNotFound aws ssm get-parameter --name /storefront/none

# And its end.
aws ec2 deregister-image --region us-east-1 --image-id "$copy" >/dev/null
later 1h
refused InvalidAMIID.NotFound aws ec2 describe-images --region us-east-1 --image-ids "$copy"

is "the account" "$(aws sts get-caller-identity --query Account --output text)" 123456789012
refused InvalidAction aws ec2 describe-fpga-images
echo passed
