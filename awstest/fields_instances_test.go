package awstest_test

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

func init() {
	one, two := new(int32(1)), new(int32(2))
	fields(func(w *fieldWorld) *ec2.RunInstancesInput {
		w.ids["other"] = w.image("other")
		w.ids["subnet"] = w.region.Network().Subnets[1]
		id := w.image("golden")
		w.do(&ec2.RunInstancesInput{ImageId: &id, MinCount: one, MaxCount: one, ClientToken: new("used")})
		w.template("web", id)
		return &ec2.RunInstancesInput{ImageId: &id, MinCount: one, MaxCount: two}
	}, fieldValues{
		"ImageId":                           made("other"),
		"MinCount":                          refused{"InvalidParameterValue", 3},
		"MaxCount":                          3,
		"InstanceType":                      "t3.micro",
		"SubnetId":                          made("subnet"),
		"SecurityGroupIds":                  refused{"InvalidGroup.NotFound", "sg-00000000000000000"},
		"KeyName":                           func(w *fieldWorld) any { return w.region.Network().KeyPairs[0] },
		"TagSpecifications":                 tags(ec2types.ResourceTypeInstance, "app", "web"),
		"ClientToken":                       refused{"IdempotentParameterMismatch", "used"},
		"LaunchTemplate.LaunchTemplateName": "web",
		"LaunchTemplate.LaunchTemplateId":   refused{"InvalidLaunchTemplateId.NotFound", "lt-00000000000000000"},
		"LaunchTemplate.Version":            refused{"MissingParameter", "1"},

		"MetadataOptions.HttpEndpoint":            "disabled",
		"MetadataOptions.HttpProtocolIpv6":        "enabled",
		"MetadataOptions.HttpPutResponseHopLimit": 3,
		"MetadataOptions.HttpTokens":              "required",
		"MetadataOptions.InstanceMetadataTags":    "enabled",
	})
	fields(func(w *fieldWorld) *ec2.RunInstancesInput {
		w.ids["group"] = w.region.SecurityGroup("web")
		w.ids["subnet"] = w.region.Network().Subnets[1]
		return &ec2.RunInstancesInput{
			ImageId: new(w.image("golden")), InstanceType: "t3.micro", MinCount: one, MaxCount: one,
			NetworkInterfaces: []ec2types.InstanceNetworkInterfaceSpecification{{DeviceIndex: new(int32(0))}},
		}
	}, fieldValues{
		"NetworkInterfaces.AssociatePublicIpAddress": true,
		"NetworkInterfaces.DeleteOnTermination":      false,
		"NetworkInterfaces.Description":              "of the web",
		"NetworkInterfaces.DeviceIndex":              1,
		"NetworkInterfaces.Groups":                   made("group"),
		"NetworkInterfaces.InterfaceType":            "efa",
		"NetworkInterfaces.NetworkCardIndex":         1,
		"NetworkInterfaces.SubnetId":                 made("subnet"),
	})
	fields(func(w *fieldWorld) *ec2.RunInstancesInput {
		w.ids["other"] = w.template("other", w.image("other"))
		t := w.template("web", w.image("golden"))
		w.do(&ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &t, LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: new(w.image("new"))}})
		return &ec2.RunInstancesInput{MinCount: one, MaxCount: one, LaunchTemplate: &ec2types.LaunchTemplateSpecification{LaunchTemplateId: &t}}
	}, fieldValues{"LaunchTemplate.LaunchTemplateId": made("other"), "LaunchTemplate.Version": "2"})
	fields(func(w *fieldWorld) *ec2.RunInstancesInput {
		w.ids["snapshot"] = w.snapshot(6)
		return &ec2.RunInstancesInput{ImageId: new(w.image("golden")), MinCount: one, MaxCount: one, BlockDeviceMappings: newDevice()}
	}, newDeviceValues, launchData)
	fields(func(w *fieldWorld) *ec2.RunInstancesInput {
		w.ids["key"] = w.region.Key(awstest.KeySeed{})
		in := &ec2.RunInstancesInput{ImageId: new(w.image("golden")), MinCount: one, MaxCount: one, BlockDeviceMappings: newDevice()}
		in.BlockDeviceMappings[0].Ebs.Encrypted = new(true)
		return in
	}, fieldValues{"BlockDeviceMappings.Ebs.KmsKeyId": made("key")}, launchData)

	fields(func(w *fieldWorld) *ec2.RunInstancesInput {
		return &ec2.RunInstancesInput{ImageId: new(w.image("golden")), MinCount: one, MaxCount: one}
	}, fieldValues{
		"UserData":                     "IyEvYmluL3No",
		"Placement.AvailabilityZone":   home + "b",
		"Placement.AvailabilityZoneId": "euw1-az3",
		"Placement.Tenancy":            "dedicated",
		"IamInstanceProfile.Name":      "web",
		"IamInstanceProfile.Arn":       "arn:aws:iam::123456789012:instance-profile/web",
	}, launchData)
	fields(func(w *fieldWorld) *ec2.DescribeInstanceAttributeInput {
		w.ids["other"] = w.region.PreparedInstance(awstest.InstanceSeed{Type: "t3.small"})
		return &ec2.DescribeInstanceAttributeInput{Attribute: "instanceType", InstanceId: new(w.region.PreparedInstance(awstest.InstanceSeed{}))}
	}, fieldValues{"Attribute": "userData", "InstanceId": made("other")})

	fields(func(w *fieldWorld) *ec2.StopInstancesInput {
		return &ec2.StopInstancesInput{InstanceIds: w.twoInstances(false)}
	}, fieldValues{"InstanceIds": made("other")})
	fields(func(w *fieldWorld) *ec2.StartInstancesInput {
		return &ec2.StartInstancesInput{InstanceIds: w.twoInstances(true)}
	}, fieldValues{"InstanceIds": made("other")})
	fields(func(w *fieldWorld) *ec2.TerminateInstancesInput {
		return &ec2.TerminateInstancesInput{InstanceIds: w.twoInstances(false)}
	}, fieldValues{"InstanceIds": made("other")})
	fields(func(w *fieldWorld) *ec2.DescribeInstancesInput {
		w.twoInstances(false)
		return &ec2.DescribeInstancesInput{}
	}, fieldValues{
		"InstanceIds": made("other"),
		"Filters":     filter("tag:app", "web"),
		"MaxResults":  1,
		"NextToken":   nextOf(&ec2.DescribeInstancesInput{MaxResults: one}),
	})

	fields(func(w *fieldWorld) *ec2.CreateTagsInput {
		w.ids["other"] = w.image("other")
		return &ec2.CreateTagsInput{Resources: []string{w.image("golden")}, Tags: tags("", "app", "web")[0].Tags}
	}, fieldValues{"Resources": made("other"), "Tags": tags("", "app", "db")[0].Tags})
	fields(func(w *fieldWorld) *ec2.DeleteTagsInput {
		labels := map[string]string{"app": "web", "env": "prod"}
		w.ids["other"] = w.region.OwnImage(awstest.ImageSeed{Name: "other", Tags: labels})
		return &ec2.DeleteTagsInput{Resources: []string{w.region.OwnImage(awstest.ImageSeed{Name: "golden", Tags: labels})}}
	}, fieldValues{"Resources": made("other"), "Tags": tags("", "app", "web")[0].Tags})
	fields(func(w *fieldWorld) *ec2.DescribeSubnetsInput {
		w.ids["other"] = w.region.Network().Subnets[1]
		return &ec2.DescribeSubnetsInput{}
	}, fieldValues{
		"SubnetIds":  made("other"),
		"Filters":    filter("availability-zone", home+"b"),
		"MaxResults": 1,
		"NextToken":  nextOf(&ec2.DescribeSubnetsInput{MaxResults: one}),
	})
}

// twoInstances makes one and another, which is noted.
func (w *fieldWorld) twoInstances(stopped bool) []string {
	w.ids["other"] = w.region.PreparedInstance(awstest.InstanceSeed{Tags: map[string]string{"app": "web"}, Stopped: stopped})
	return []string{w.region.PreparedInstance(awstest.InstanceSeed{Stopped: stopped})}
}

// template is a launch template with one version.
func (w *fieldWorld) template(name, image string) string {
	return w.region.Template(awstest.TemplateSeed{Name: name, ImageID: image})
}

// launchData is what all instances were launched with, their volumes' keys too.
func launchData(w *fieldWorld) any {
	var out []any
	for _, i := range w.region.Instances() {
		out = append(out, w.do(&ec2.GetLaunchTemplateDataInput{InstanceId: i.InstanceId}))
	}
	return out
}
