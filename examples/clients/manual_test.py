"""The way of an image to its fleet, with boto3, its paginators and waiters.

It runs against an awstest-server whose environment is that of this process:

    go -C examples run ./awstest-server -time realistic &
    eval the lines that it prints
    python -m unittest examples/clients/manual_test.py

Nothing in it waits: where AWS would take minutes, the server's clock is moved.
"""

import datetime
import json
import os
import unittest
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, WaiterError

GROUP = "storefront"


def control(method, path, body=None):
    """Makes one of the requests that the server has beside AWS's."""
    request = urllib.request.Request(
        os.environ["AWS_ENDPOINT_URL"] + "/_awstest/" + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def later(duration):
    control("POST", "clock", {"advance": duration})


def client(service, **options):
    return boto3.client(service, config=Config(retries={"mode": "standard", "max_attempts": 2}), **options)


# Waiters ask at once and then every 15 seconds; what is moved on is done by then.
ONCE = {"Delay": 1, "MaxAttempts": 2}


class Manual(unittest.TestCase):
    def setUp(self):
        control("POST", "reset")
        self.ec2 = client("ec2")
        self.groups = client("autoscaling")

    def group(self):
        return self.groups.describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"][0]

    def prepared(self):
        found = self.ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["prepared"]}])
        return found["Reservations"][0]["Instances"][0]["InstanceId"]

    def image(self, name="storefront-2"):
        image = self.ec2.create_image(InstanceId=self.prepared(), Name=name, NoReboot=True)["ImageId"]
        later("10m")
        self.ec2.get_waiter("image_available").wait(ImageIds=[image], WaiterConfig=ONCE)
        return image

    def assertRefused(self, code, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        self.assertEqual(code, caught.exception.response["Error"]["Code"])
        self.assertTrue(caught.exception.response["ResponseMetadata"]["RequestId"])

    def test_the_four_commands(self):
        image = self.image()
        template = self.group()["LaunchTemplate"]["LaunchTemplateId"]
        version = self.ec2.create_launch_template_version(
            LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData={"ImageId": image}
        )["LaunchTemplateVersion"]["VersionNumber"]
        self.groups.update_auto_scaling_group(
            AutoScalingGroupName=GROUP,
            LaunchTemplate={"LaunchTemplateId": template, "Version": str(version)},
        )
        refresh = self.groups.start_instance_refresh(
            AutoScalingGroupName=GROUP, Preferences={"InstanceWarmup": 30, "MinHealthyPercentage": 50}
        )["InstanceRefreshId"]
        for _ in range(60):
            refreshes = self.groups.describe_instance_refreshes(AutoScalingGroupName=GROUP)["InstanceRefreshes"]
            if refreshes[0]["Status"] not in ("Pending", "InProgress"):
                break
            later("1m")
        self.assertEqual([(refresh, "Successful")], [(r["InstanceRefreshId"], r["Status"]) for r in refreshes])
        pages = self.groups.get_paginator("describe_scaling_activities").paginate(
            AutoScalingGroupName=GROUP, PaginationConfig={"PageSize": 1}
        )
        activities = [a["StatusCode"] for page in pages for a in page["Activities"]]
        self.assertEqual(["Successful"] * 6, activities, "two launches at first, and a launch and a termination for each")
        ids = [i["InstanceId"] for i in self.group()["Instances"]]
        self.ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig=ONCE)
        self.ec2.get_waiter("instance_status_ok").wait(InstanceIds=ids, WaiterConfig=ONCE)
        described = self.ec2.describe_instances(InstanceIds=ids)["Reservations"]
        self.assertEqual({image}, {i["ImageId"] for r in described for i in r["Instances"]})

    def test_a_copy_to_its_end(self):
        image = self.image()
        away = client("ec2", region_name="us-east-1")
        copy = away.copy_image(
            SourceRegion=os.environ["AWS_REGION"], SourceImageId=image, Name="storefront-2"
        )["ImageId"]
        later("15m")
        away.get_waiter("image_available").wait(ImageIds=[copy], WaiterConfig=ONCE)
        snapshot = away.describe_images(ImageIds=[copy])["Images"][0]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
        away.get_waiter("snapshot_completed").wait(SnapshotIds=[snapshot], WaiterConfig=ONCE)

        # Here boto3 signs a URL for the other Region, and sends it along.
        second = away.copy_snapshot(SourceRegion="us-east-1", SourceSnapshotId=snapshot)["SnapshotId"]
        self.assertNotEqual(snapshot, second)

        stranger = client("ec2", region_name="us-east-1", aws_access_key_id="210987654321", aws_secret_access_key="any")
        self.assertRefused("InvalidAMIID.NotFound", stranger.describe_images, ImageIds=[copy])
        away.modify_image_attribute(ImageId=copy, LaunchPermission={"Add": [{"UserId": "210987654321"}]})
        self.assertEqual([copy], [i["ImageId"] for i in stranger.describe_images(ExecutableUsers=["self"])["Images"]])

        year = datetime.date.today().year + 1
        away.enable_image_deprecation(ImageId=copy, DeprecateAt=datetime.datetime(year, 1, 1))
        self.assertEqual(f"{year}-01-01T00:00:00.000Z", away.describe_images(ImageIds=[copy])["Images"][0]["DeprecationTime"])
        away.deregister_image(ImageId=copy)
        later("1h")
        self.assertRefused("InvalidAMIID.NotFound", away.describe_images, ImageIds=[copy])
        away.delete_snapshot(SnapshotId=snapshot)
        self.assertRefused("InvalidSnapshot.NotFound", away.describe_snapshots, SnapshotIds=[snapshot])

    def test_parameters(self):
        ssm = client("ssm")
        for n in range(25):
            ssm.put_parameter(Name=f"/storefront/{n:02}", Type="String", Value=str(n))
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/storefront")
        found = [(p["Name"], p["Value"]) for page in pages for p in page["Parameters"]]
        self.assertEqual([(f"/storefront/{n:02}", str(n)) for n in range(25)], found)
        self.assertEqual(["/none"], ssm.get_parameters(Names=["/none"])["InvalidParameters"])
        with self.assertRaises(ssm.exceptions.ParameterNotFound):
            ssm.get_parameter(Name="/none")

    def test_lists_are_there_when_they_are_empty(self):
        self.assertEqual([], self.ec2.describe_images(Owners=["210987654321"])["Images"])
        self.assertEqual([], self.group()["SuspendedProcesses"])
        self.assertEqual([], self.groups.describe_auto_scaling_groups(AutoScalingGroupNames=["none"])["AutoScalingGroups"])

    def test_all_pages(self):
        for n in range(12):
            self.ec2.create_launch_template(LaunchTemplateName=f"t-{n:02}", LaunchTemplateData={"InstanceType": "t3.micro"})
        pages = list(self.ec2.get_paginator("describe_launch_templates").paginate(PaginationConfig={"PageSize": 5}))
        self.assertGreater(len(pages), 2)
        names = [t["LaunchTemplateName"] for page in pages for t in page["LaunchTemplates"]]
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual({f"t-{n:02}" for n in range(12)}, set(names))

    def test_a_role(self):
        role = client("sts").assume_role(RoleArn="arn:aws:iam::555555555555:role/deliver", RoleSessionName="ci")
        keys = role["Credentials"]
        assumed = client(
            "sts",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
        self.assertEqual("555555555555", assumed.get_caller_identity()["Account"])

    def test_trouble(self):
        control("POST", "faults", {"kind": "failImages", "name": "bad", "code": "Client.InternalError", "message": "No."})
        with self.assertRaises(WaiterError):
            self.image("bad")
        control("POST", "faults", {"kind": "loseResponse", "match": {"operation": "CreateVpc"}})
        self.ec2.create_vpc(CidrBlock="10.0.0.0/16")
        calls = [c for c in control("GET", "calls")["calls"] if c["operation"] == "CreateVpc"]
        self.assertEqual(2, len(calls), "the first answer was lost, and the call made again")
        control("POST", "faults", {"kind": "loseResponseForGood", "match": {"operation": "CreateVpc"}})
        with self.assertRaises(ConnectionClosedError):
            self.ec2.create_vpc(CidrBlock="10.0.0.0/16")
        control("POST", "faults", {"kind": "throttle", "match": {"operation": "DescribeVpcs"}})
        self.assertRefused("RequestLimitExceeded", self.ec2.describe_vpcs)


if __name__ == "__main__":
    unittest.main()
