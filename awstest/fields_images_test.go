package awstest_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

func init() {
	fields(func(w *fieldWorld) *ec2.CreateImageInput {
		w.ids["other"] = w.region.PreparedInstance(awstest.InstanceSeed{RootGiB: 30})
		w.ids["golden"] = w.region.PreparedInstance(awstest.InstanceSeed{})
		return &ec2.CreateImageInput{InstanceId: new(w.ids["golden"]), Name: new("golden")}
	}, fieldValues{
		"InstanceId":        made("other"),
		"Name":              "another",
		"Description":       "ready",
		"NoReboot":          true,
		"TagSpecifications": tags(ec2types.ResourceTypeImage, "app", "web"),
	}, func(w *fieldWorld) any { return w.region.Reboots(w.ids["golden"]) })
	// of a device that the instance has
	fields(func(w *fieldWorld) *ec2.CreateImageInput {
		id := w.region.PreparedInstance(awstest.InstanceSeed{DataGiB: []int32{5}})
		return &ec2.CreateImageInput{InstanceId: &id, Name: new("golden"),
			BlockDeviceMappings: device("/dev/sdb", &ec2types.EbsBlockDevice{DeleteOnTermination: new(false)})}
	}, fieldValues{
		"BlockDeviceMappings.DeviceName":              "/dev/xvda",
		"BlockDeviceMappings.NoDevice":                "",
		"BlockDeviceMappings.Ebs.DeleteOnTermination": true,
	})
	// and of one that it has not
	fields(func(w *fieldWorld) *ec2.CreateImageInput {
		w.ids["snapshot"] = w.snapshot(6)
		id := w.region.PreparedInstance(awstest.InstanceSeed{})
		return &ec2.CreateImageInput{InstanceId: &id, Name: new("golden"), BlockDeviceMappings: newDevice()}
	}, newDeviceValues)

	fields(func(w *fieldWorld) *ec2.RegisterImageInput {
		root := &ec2types.EbsBlockDevice{SnapshotId: new(w.snapshot(8))}
		return &ec2.RegisterImageInput{
			Name: new("golden"), RootDeviceName: new("/dev/xvda"), Architecture: "x86_64", VirtualizationType: new("hvm"),
			BlockDeviceMappings: append(device("/dev/xvda", root), device("/dev/sda1", root)...),
		}
	}, fieldValues{
		"Name":               "another",
		"Architecture":       "arm64",
		"BootMode":           "uefi",
		"Description":        "ready",
		"EnaSupport":         true,
		"ImdsSupport":        "v2.0",
		"RootDeviceName":     "/dev/sda1",
		"SriovNetSupport":    "simple",
		"TagSpecifications":  tags(ec2types.ResourceTypeImage, "app", "web"),
		"TpmSupport":         refused{"InvalidParameterCombination", "v2.0"},
		"UefiData":           "aGVsbG8=",
		"VirtualizationType": "paravirtual",
	}, attributes)
	fields(func(w *fieldWorld) *ec2.RegisterImageInput {
		w.ids["snapshot"] = w.snapshot(6)
		root := device("/dev/xvda", &ec2types.EbsBlockDevice{SnapshotId: new(w.snapshot(8))})
		return &ec2.RegisterImageInput{Name: new("golden"), RootDeviceName: new("/dev/xvda"), BlockDeviceMappings: append(newDevice(), root...)}
	}, newDeviceValues)

	fields(func(w *fieldWorld) *ec2.CopyImageInput {
		w.ids["other"] = w.image("other")
		id := w.region.OwnImage(awstest.ImageSeed{Name: "golden", Tags: map[string]string{"app": "web"}})
		w.cloud.Region(away).OwnImage(awstest.ImageSeed{Name: "golden"})
		return &ec2.CopyImageInput{SourceImageId: &id, SourceRegion: new(home), Name: new("golden copy")}
	}, fieldValues{
		"SourceImageId":                         made("other"),
		"SourceRegion":                          refused{"InvalidAMIID.NotFound", away},
		"Name":                                  "another",
		"Description":                           "ready",
		"CopyImageTags":                         true,
		"SnapshotCopyCompletionDurationMinutes": 15,
		"Encrypted":                             true,
		"KmsKeyId":                              refused{"InvalidParameterDependency", "alias/aws/ebs"},
		"TagSpecifications":                     tags(ec2types.ResourceTypeSnapshot, "app", "web"),
	})
	fields(func(w *fieldWorld) *ec2.CopyImageInput {
		key := w.region.Key(awstest.KeySeed{Alias: "alias/golden"})
		w.ids["key"] = key
		in := &ec2.CopyImageInput{SourceImageId: new(w.image("golden")), SourceRegion: new(home), Name: new("copy"), Encrypted: new(true)}
		w.do(&ec2.CopyImageInput{SourceImageId: in.SourceImageId, SourceRegion: in.SourceRegion, Name: new("before"), ClientToken: new("used")})
		return in
	}, fieldValues{"KmsKeyId": made("key"), "ClientToken": refused{"IdempotentParameterMismatch", "used"}})

	fields(func(w *fieldWorld) *ec2.DeregisterImageInput {
		w.ids["other"] = w.image("other")
		return &ec2.DeregisterImageInput{ImageId: new(w.image("golden"))}
	}, fieldValues{"ImageId": made("other"), "DeleteAssociatedSnapshots": true})
	fields(twoImages(func(id *string) *ec2.DisableImageInput { return &ec2.DisableImageInput{ImageId: id} }), fieldValues{"ImageId": made("other")})
	fields(func(w *fieldWorld) *ec2.EnableImageInput {
		w.ids["other"] = w.image("other")
		id := w.image("golden")
		w.do(&ec2.DisableImageInput{ImageId: &id})
		w.do(&ec2.DisableImageInput{ImageId: new(w.ids["other"])})
		return &ec2.EnableImageInput{ImageId: &id}
	}, fieldValues{"ImageId": made("other")})
	fields(func(w *fieldWorld) *ec2.EnableImageDeprecationInput {
		w.ids["other"] = w.image("other")
		return &ec2.EnableImageDeprecationInput{ImageId: new(w.image("golden")), DeprecateAt: new(w.cloud.Now().AddDate(1, 0, 0))}
	}, fieldValues{
		"ImageId":     made("other"),
		"DeprecateAt": func(w *fieldWorld) any { return w.cloud.Now().AddDate(2, 0, 0) },
	})
	fields(func(w *fieldWorld) *ec2.DisableImageDeprecationInput {
		w.ids["other"] = w.image("other")
		id := w.image("golden")
		for _, i := range []string{id, w.ids["other"]} {
			w.do(&ec2.EnableImageDeprecationInput{ImageId: &i, DeprecateAt: new(w.cloud.Now().AddDate(1, 0, 0))})
		}
		return &ec2.DisableImageDeprecationInput{ImageId: &id}
	}, fieldValues{"ImageId": made("other")})
	fields(twoImages(func(id *string) *ec2.EnableImageDeregistrationProtectionInput {
		return &ec2.EnableImageDeregistrationProtectionInput{ImageId: id}
	}), fieldValues{"ImageId": made("other"), "WithCooldown": true})
	fields(func(w *fieldWorld) *ec2.DisableImageDeregistrationProtectionInput {
		w.ids["other"] = w.image("other")
		id := w.image("golden")
		w.do(&ec2.EnableImageDeregistrationProtectionInput{ImageId: &id})
		return &ec2.DisableImageDeregistrationProtectionInput{ImageId: &id}
	}, fieldValues{"ImageId": made("other")})
}

// twoImages makes a call about an image, next to another that is noted.
func twoImages[In any](call func(id *string) *In) func(*fieldWorld) *In {
	return func(w *fieldWorld) *In {
		w.ids["other"] = w.image("other")
		w.ids["golden"] = w.region.OwnImage(awstest.ImageSeed{Name: "golden", Description: "ready"})
		return call(new(w.ids["golden"]))
	}
}

// newDevice is a device that nothing has yet.
func newDevice() []ec2types.BlockDeviceMapping {
	return device("/dev/sdf", &ec2types.EbsBlockDevice{VolumeSize: new(int32(6)), VolumeType: "gp3"})
}

// newDeviceValues are what can be set of it. A snapshot is noted.
var newDeviceValues = fieldValues{
	"BlockDeviceMappings.DeviceName":              "/dev/sdg",
	"BlockDeviceMappings.NoDevice":                "",
	"BlockDeviceMappings.VirtualName":             "ephemeral0",
	"BlockDeviceMappings.Ebs.DeleteOnTermination": false,
	"BlockDeviceMappings.Ebs.Encrypted":           true,
	"BlockDeviceMappings.Ebs.Iops":                4000,
	"BlockDeviceMappings.Ebs.SnapshotId":          made("snapshot"),
	"BlockDeviceMappings.Ebs.Throughput":          200,
	"BlockDeviceMappings.Ebs.VolumeSize":          7,
	"BlockDeviceMappings.Ebs.VolumeType":          "gp2",
}

// snapshot is one of the default account's.
func (w *fieldWorld) snapshot(size int32) string {
	w.region.OwnImage(awstest.ImageSeed{Name: fmt.Sprint("of a snapshot of ", size), RootGiB: size})
	all := w.region.Snapshots()
	return *all[len(all)-1].SnapshotId
}

// attributes are all that can be asked of the account's images one by one.
func attributes(w *fieldWorld) any {
	var out []fieldAnswer
	for _, i := range w.region.Images() {
		for _, name := range ec2types.ImageAttributeName("").Values() {
			out = append(out, w.try(&ec2.DescribeImageAttributeInput{ImageId: i.ImageId, Attribute: name}))
		}
	}
	return fmt.Sprint(out)
}
