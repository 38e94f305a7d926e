package awstest_test

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

// vpc is a VPC of 10.0.0.0/16.
func (w *fieldWorld) vpc() string {
	return *w.do(&ec2.CreateVpcInput{CidrBlock: new("10.0.0.0/16")}).(*ec2.CreateVpcOutput).Vpc.VpcId
}

func init() {
	one := new(int32(1))
	fields(plainCall(ec2.CreateVpcInput{CidrBlock: new("10.0.0.0/16")}), fieldValues{
		"CidrBlock":         "10.1.0.0/16",
		"InstanceTenancy":   "dedicated",
		"TagSpecifications": tags(ec2types.ResourceTypeVpc, "app", "web"),
	})
	fields(func(w *fieldWorld) *ec2.DescribeVpcsInput {
		w.ids["other"] = w.vpc()
		return &ec2.DescribeVpcsInput{}
	}, fieldValues{
		"VpcIds":     made("other"),
		"Filters":    filter("is-default", "true"),
		"MaxResults": 1,
		"NextToken":  nextOf(&ec2.DescribeVpcsInput{MaxResults: one}),
	})
	fields(func(w *fieldWorld) *ec2.DeleteVpcInput {
		w.ids["other"] = w.vpc()
		return &ec2.DeleteVpcInput{VpcId: new(w.vpc())}
	}, fieldValues{"VpcId": made("other")})
	fields(func(w *fieldWorld) *ec2.CreateSubnetInput {
		w.ids["other"] = w.vpc()
		return &ec2.CreateSubnetInput{VpcId: new(w.vpc()), CidrBlock: new("10.0.1.0/24")}
	}, fieldValues{
		"VpcId":              made("other"),
		"AvailabilityZone":   home + "b",
		"AvailabilityZoneId": "euw1-az3",
		"CidrBlock":          "10.0.2.0/24",
		"TagSpecifications":  tags(ec2types.ResourceTypeSubnet, "app", "web"),
	})
	fields(func(w *fieldWorld) *ec2.DeleteSubnetInput {
		subnets := w.region.Network().Subnets
		w.ids["other"] = subnets[1]
		return &ec2.DeleteSubnetInput{SubnetId: &subnets[2]}
	}, fieldValues{"SubnetId": made("other")})

	fields(func(w *fieldWorld) *ec2.CreateSecurityGroupInput {
		w.ids["vpc"] = w.vpc()
		return &ec2.CreateSecurityGroupInput{GroupName: new("web"), Description: new("of the web")}
	}, fieldValues{
		"GroupName":         "db",
		"Description":       "of the database",
		"VpcId":             made("vpc"),
		"TagSpecifications": tags(ec2types.ResourceTypeSecurityGroup, "app", "web"),
	})
	fields(func(w *fieldWorld) *ec2.DescribeSecurityGroupsInput {
		w.ids["other"] = w.region.SecurityGroup("web")
		return &ec2.DescribeSecurityGroupsInput{}
	}, fieldValues{
		"GroupIds":   made("other"),
		"GroupNames": "web",
		"Filters":    filter("group-name", "w*"),
		"MaxResults": 1,
		"NextToken":  nextOf(&ec2.DescribeSecurityGroupsInput{MaxResults: one}),
	})
	fields(func(w *fieldWorld) *ec2.DeleteSecurityGroupInput {
		w.ids["other"] = w.region.SecurityGroup("other")
		return &ec2.DeleteSecurityGroupInput{GroupId: new(w.region.SecurityGroup("web"))}
	}, fieldValues{"GroupId": made("other"), "GroupName": refused{"MissingParameter", "other"}})
	fields(func(w *fieldWorld) *ec2.DeleteSecurityGroupInput {
		w.region.SecurityGroup("other")
		w.region.SecurityGroup("web")
		return &ec2.DeleteSecurityGroupInput{GroupName: new("web")}
	}, fieldValues{"GroupName": "other"})

	fields(plainCall(ec2.CreateKeyPairInput{KeyName: new("mine")}), fieldValues{
		"KeyName":           "other",
		"KeyType":           "ed25519",
		"TagSpecifications": tags(ec2types.ResourceTypeKeyPair, "app", "web"),
	})
	keyPairs := func(w *fieldWorld) *ec2.DescribeKeyPairsOutput {
		w.region.KeyPair("mine")
		return w.do(&ec2.DescribeKeyPairsInput{}).(*ec2.DescribeKeyPairsOutput)
	}
	fields(func(w *fieldWorld) *ec2.DescribeKeyPairsInput {
		w.ids["other"] = *keyPairs(w).KeyPairs[1].KeyPairId
		return &ec2.DescribeKeyPairsInput{}
	}, fieldValues{"KeyNames": "mine", "KeyPairIds": made("other"), "Filters": filter("key-name", "m*")})
	fields(func(w *fieldWorld) *ec2.DeleteKeyPairInput {
		keyPairs(w)
		return &ec2.DeleteKeyPairInput{KeyName: new("mine")}
	}, fieldValues{"KeyName": "default", "KeyPairId": "key-00000000000000000"})
}

func init() {
	one := new(int32(1))
	fields(func(w *fieldWorld) *ec2.DescribeTagsInput {
		w.region.OwnImage(awstest.ImageSeed{Name: "golden", Tags: map[string]string{"app": "web", "env": "prod"}})
		return &ec2.DescribeTagsInput{}
	}, fieldValues{
		"Filters":    filter("key", "app"),
		"MaxResults": 1,
		"NextToken":  nextOf(&ec2.DescribeTagsInput{MaxResults: one}),
	})
	fields(func(w *fieldWorld) *ec2.DescribeInstanceStatusInput {
		w.twoInstances(false)
		w.region.PreparedInstance(awstest.InstanceSeed{Stopped: true})
		return &ec2.DescribeInstanceStatusInput{}
	}, fieldValues{
		"InstanceIds":         made("other"),
		"IncludeAllInstances": true,
		"Filters":             filter("instance-status.status", "impaired"),
		"MaxResults":          1,
		"NextToken":           nextOf(&ec2.DescribeInstanceStatusInput{MaxResults: one}),
	})
	fields(plainCall(ec2.DescribeInstanceTypesInput{}), fieldValues{
		"InstanceTypes": "t3.micro",
		"Filters":       filter("processor-info.supported-architecture", "arm64"),
		"MaxResults":    5,
		"NextToken":     nextOf(&ec2.DescribeInstanceTypesInput{MaxResults: new(int32(5))}),
	})

	selected := func(w *fieldWorld) *ec2.GetInstanceTypesFromInstanceRequirementsInput {
		return &ec2.GetInstanceTypesFromInstanceRequirementsInput{
			ArchitectureTypes:   []ec2types.ArchitectureType{"x86_64"},
			VirtualizationTypes: []ec2types.VirtualizationType{"hvm"},
			InstanceRequirements: &ec2types.InstanceRequirementsRequest{
				VCpuCount: &ec2types.VCpuCountRangeRequest{Min: new(int32(2))}, MemoryMiB: &ec2types.MemoryMiBRequest{Min: new(int32(1024))},
			},
		}
	}
	selecting := fieldValues{
		"ArchitectureTypes":   "arm64",
		"VirtualizationTypes": "paravirtual",
		"MaxResults":          1,
		"NextToken": func(w *fieldWorld) any {
			in := selected(w)
			in.MaxResults = one
			return w.do(in).(*ec2.GetInstanceTypesFromInstanceRequirementsOutput).NextToken
		},
	}
	for path, value := range requirementValues("") {
		path = strings.TrimPrefix(path, ".LaunchTemplate.Overrides.")
		switch {
		case strings.Contains(path, "Price"): // there are no prices here
			ignored["ec2.GetInstanceTypesFromInstanceRequirementsInput."+path] = "there are no prices here, so that none is too high"
		case strings.HasSuffix(path, "BareMetal"):
			selecting[path] = "required"
		case strings.HasSuffix(path, "MemoryMiB.Min"):
			selecting[path] = 65536
		default:
			selecting[path] = value
		}
	}
	fields(selected, selecting)

	binned := func(w *fieldWorld) (images, snapshots []string) {
		w.region.RecycleBin(awstest.RetentionRule{Images: true, Snapshots: true, For: 7 * 24 * time.Hour})
		for _, name := range []string{"golden", "other"} {
			id := w.image(name)
			w.do(&ec2.DeregisterImageInput{ImageId: &id})
			all := w.region.Snapshots()
			images, snapshots = append(images, id), append(snapshots, *all[len(all)-1].SnapshotId)
		}
		return images, snapshots
	}
	deleted := func(w *fieldWorld) []string {
		_, snapshots := binned(w)
		for _, id := range snapshots {
			w.do(&ec2.DeleteSnapshotInput{SnapshotId: &id})
		}
		w.ids["other"] = snapshots[1]
		return snapshots
	}
	fields(func(w *fieldWorld) *ec2.ListImagesInRecycleBinInput {
		images, _ := binned(w)
		w.ids["other"] = images[1]
		return &ec2.ListImagesInRecycleBinInput{}
	}, fieldValues{
		"ImageIds":   made("other"),
		"MaxResults": 1,
		"NextToken":  nextOf(&ec2.ListImagesInRecycleBinInput{MaxResults: one}),
	})
	fields(func(w *fieldWorld) *ec2.RestoreImageFromRecycleBinInput {
		images, _ := binned(w)
		w.ids["other"] = images[1]
		return &ec2.RestoreImageFromRecycleBinInput{ImageId: &images[0]}
	}, fieldValues{"ImageId": made("other")})
	fields(func(w *fieldWorld) *ec2.ListSnapshotsInRecycleBinInput {
		deleted(w)
		return &ec2.ListSnapshotsInRecycleBinInput{}
	}, fieldValues{
		"SnapshotIds": made("other"),
		"MaxResults":  1,
		"NextToken":   nextOf(&ec2.ListSnapshotsInRecycleBinInput{MaxResults: one}),
	})
	fields(func(w *fieldWorld) *ec2.RestoreSnapshotFromRecycleBinInput {
		return &ec2.RestoreSnapshotFromRecycleBinInput{SnapshotId: new(deleted(w)[0])}
	}, fieldValues{"SnapshotId": made("other")})
}
