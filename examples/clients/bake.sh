#!/usr/bin/env bash
# bake.sh INSTANCE NAME prints the id of the image of a name, once it is
# available. It makes it of an instance where there is none, so that it can be
# run again.
set -euo pipefail
instance=$1 name=$2

image=$(aws ec2 describe-images --owners self --filters "Name=name,Values=$name" --query 'Images[0].ImageId' --output text)
if [ "$image" = None ]; then
	image=$(aws ec2 create-image --instance-id "$instance" --name "$name" --query ImageId --output text)
fi
aws ec2 wait image-available --image-ids "$image"
echo "$image"
