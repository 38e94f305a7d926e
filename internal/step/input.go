package step

import (
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/plan"
)

// Tags are those of every image of a delivery.
func Tags(d *plan.Delivery) map[string]string {
	tags := map[string]string{ami.TagDelivery: d.Name}
	maps.Copy(tags, d.Tags)
	return tags
}

// CreateInput is what creates the source image.
func CreateInput(d *plan.Delivery) ami.CreateInput {
	source := d.Source.Instance
	in := ami.CreateInput{
		InstanceID: source.InstanceID, Name: d.Name, Description: d.Description, Revision: d.Revision,
		Family: d.Family, Reboot: ami.NoReboot, Tags: Tags(d),
	}
	if source.Reboot != plan.NoReboot { // a stopped instance stays stopped
		in.Reboot = ami.Reboot
	}
	for _, m := range source.BlockDeviceMappings {
		in.Mappings = append(in.Mappings, ec2types.BlockDeviceMapping(m))
	}
	return in
}

// CopyInput is what copies the source image to a target. The copy of an encrypted
// image is always encrypted.
func CopyInput(d *plan.Delivery, t *plan.Target, source *ec2types.Image, region string) ami.CopyInput {
	return ami.CopyInput{
		SourceImageID: aws.ToString(source.ImageId), SourceRegion: region,
		Name: d.Name, Description: d.Description, Revision: d.Revision, Family: d.Family, Tags: Tags(d),
		Encrypted: t.Encrypted || Encrypted(source), KMSKeyID: t.KMSKeyID, UseRegionDefaultKey: t.UseRegionDefaultKey,
	}
}

// Encrypted reports whether a snapshot of an image is encrypted.
func Encrypted(i *ec2types.Image) bool {
	for _, m := range i.BlockDeviceMappings {
		if m.Ebs != nil && aws.ToBool(m.Ebs.Encrypted) {
			return true
		}
	}
	return false
}

// ShareInput is what the source image needs so that it can be copied: nil for
// nothing.
func ShareInput(home *plan.Place) *ami.ConfigureInput {
	if len(home.Image.ShareWith) == 0 {
		return nil
	}
	return &ami.ConfigureInput{Share: ami.Permissions{Accounts: home.Image.ShareWith}}
}

// AttributesInput is what the images of the targets get: nil for nothing.
func AttributesInput(a *plan.Attributes) *ami.ConfigureInput {
	if a == nil {
		return nil
	}
	return &ami.ConfigureInput{
		Tags: a.Tags, LaunchOnly: a.LaunchOnly, PublicQuota: a.PublicQuota, DeprecateAt: a.DeprecateAt,
		Protect: ami.Protection(a.Protection),
		Share: ami.Permissions{
			Accounts: a.Share.Accounts, Organizations: a.Share.Organizations,
			OrganizationalUnits: a.Share.OrganizationalUnits, Public: a.Share.Public,
		},
	}
}
