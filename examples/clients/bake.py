def bake(ec2, instance, name):
    """Returns the id of the image of a name, once it is available.

    It makes it of an instance where there is none, so that it can be run again.
    """
    found = ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": [name]}])["Images"]
    if found:
        image = found[0]["ImageId"]
    else:
        image = ec2.create_image(InstanceId=instance, Name=name)["ImageId"]
    ec2.get_waiter("image_available").wait(ImageIds=[image])
    return image
