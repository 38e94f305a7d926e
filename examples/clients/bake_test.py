import json
import os
import subprocess
import unittest
import urllib.request

import boto3
from botocore.exceptions import ConnectionClosedError, WaiterError

from bake import bake


def setUpModule():
    """Starts a server of our own, in which nothing takes time, and takes over its environment."""
    global server
    server = subprocess.Popen(
        [os.environ["AWSTEST_SERVER"], "-port", "0", "-time", "instant"], stdout=subprocess.PIPE, text=True
    )
    for line in server.stdout:
        if not line.startswith("export "):
            break
        name, _, value = line.removeprefix("export ").strip().partition("=")
        os.environ[name] = value


def tearDownModule():
    server.terminate()
    server.wait()
    server.stdout.close()


def control(method, path, body=None):
    """Makes one of the requests that the server has beside AWS's."""
    url = os.environ["AWS_ENDPOINT_URL"] + "/_awstest/" + path
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, method=method)) as answer:
        return json.load(answer)


class BakeTest(unittest.TestCase):
    def setUp(self):
        control("POST", "reset")  # all is as it was at the start
        self.ec2 = boto3.client("ec2")
        prepared = self.ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["prepared"]}])
        self.instance = prepared["Reservations"][0]["Instances"][0]["InstanceId"]

    def test_an_image_is_made_once(self):
        image = bake(self.ec2, self.instance, "web-42")
        self.assertEqual(image, bake(self.ec2, self.instance, "web-42"))
        made = [call for call in control("GET", "calls")["calls"] if call["operation"] == "CreateImage"]
        self.assertEqual(1, len(made))

    def test_where_the_answer_is_lost_the_next_run_takes_up_what_is_there(self):
        control("POST", "faults", {"kind": "loseResponseForGood", "match": {"operation": "CreateImage"}})
        with self.assertRaises(ConnectionClosedError):
            bake(self.ec2, self.instance, "web-42")
        image = bake(self.ec2, self.instance, "web-42")
        images = self.ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": ["web-42"]}])["Images"]
        self.assertEqual([image], [i["ImageId"] for i in images])

    def test_an_image_that_fails_is_an_error(self):
        fault = {"kind": "failImages", "name": "web-42", "code": "Client.InternalError", "message": "No luck."}
        control("POST", "faults", fault)
        with self.assertRaises(WaiterError):
            bake(self.ec2, self.instance, "web-42")
