package conformance

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const modifyImageAttribute = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyImageAttribute.html"

func (l *lab) share(id, account string) {
	_, err := l.home.ModifyImageAttribute(l.ctx, &ec2.ModifyImageAttributeInput{
		ImageId: &id, LaunchPermission: &types.LaunchPermissionModifications{Add: []types.LaunchPermission{{UserId: &account}}},
	})
	l.do(err)
}

// permissions are the launch permissions of an image.
func (l *lab) permissions(client *ec2.Client, id string) []types.LaunchPermission {
	out, err := client.DescribeImageAttribute(l.ctx, &ec2.DescribeImageAttributeInput{
		ImageId: &id, Attribute: types.ImageAttributeNameLaunchPermission,
	})
	l.do(err)
	return out.LaunchPermissions
}

var sharingCases = []Case{
	{"sharing/with an account", "An account is added to the launch permissions, and removed again.", modifyImageAttribute, func(l *lab) {
		id := *l.available(nil).ImageId
		l.that(len(l.permissions(l.home, id)) == 0, "a new image is shared")
		l.share(id, l.env.Grantee)
		granted := l.permissions(l.home, id)
		l.that(len(granted) == 1 && aws.ToString(granted[0].UserId) == l.env.Grantee, "permissions are %v", granted)
		_, err := l.home.ModifyImageAttribute(l.ctx, &ec2.ModifyImageAttributeInput{
			ImageId: &id, LaunchPermission: &types.LaunchPermissionModifications{Remove: []types.LaunchPermission{{UserId: &l.env.Grantee}}},
		})
		l.do(err)
		l.that(len(l.permissions(l.home, id)) == 0, "the permission is still there")
	}},
	{"sharing/reset", "Resetting the launch permissions removes them all.", "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResetImageAttribute.html", func(l *lab) {
		id := *l.available(nil).ImageId
		l.share(id, l.env.Grantee)
		_, err := l.home.ResetImageAttribute(l.ctx, &ec2.ResetImageAttributeInput{
			ImageId: &id, Attribute: types.ResetImageAttributeNameLaunchPermission,
		})
		l.do(err)
		l.that(len(l.permissions(l.home, id)) == 0, "the permission is still there")
	}},
	{"sharing/malformed account", "An account id has twelve digits.", errorCodes, func(l *lab) {
		id := *l.available(nil).ImageId
		_, err := l.home.ModifyImageAttribute(l.ctx, &ec2.ModifyImageAttributeInput{
			ImageId: &id, LaunchPermission: &types.LaunchPermissionModifications{Add: []types.LaunchPermission{{UserId: new("1234")}}},
		})
		l.refused(err, "InvalidAMIAttributeItemValue")
	}},
	{"sharing/pending image", "An image that is pending cannot be shared.", errorCodes, func(l *lab) {
		id, _ := l.image(nil)
		_, err := l.home.ModifyImageAttribute(l.ctx, &ec2.ModifyImageAttributeInput{
			ImageId: &id, LaunchPermission: &types.LaunchPermissionModifications{Add: []types.LaunchPermission{{UserId: &l.env.Grantee}}},
		})
		l.refused(err, "InvalidAMIID.Unavailable")
	}},
	{"sharing/unknown image", "Attributes of an image that does not exist are refused.", errorCodes, func(l *lab) {
		_, err := l.home.DescribeImageAttribute(l.ctx, &ec2.DescribeImageAttributeInput{
			ImageId: new("ami-0123456789abcdef0"), Attribute: types.ImageAttributeNameLaunchPermission,
		})
		l.refused(err, "InvalidAMIID.NotFound")
	}},
	{"sharing/description", "The description of an image can be changed.", modifyImageAttribute, func(l *lab) {
		id := *l.available(nil).ImageId
		_, err := l.home.ModifyImageAttribute(l.ctx, &ec2.ModifyImageAttributeInput{
			ImageId: &id, Description: &types.AttributeValue{Value: new("changed")},
		})
		l.do(err)
		image := l.byFilter(l.home, "image-id", id)[0]
		l.that(aws.ToString(image.Description) == "changed", "Description is %q", aws.ToString(image.Description))
	}},
}
