package awstest_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

// otherSharer is one with whom things are shared already.
const otherSharer = "444444444444"

func init() {
	// A change of launch permissions, in either shape.
	shared := func(w *fieldWorld) string {
		w.do(&ec2.DisableImageBlockPublicAccessInput{})
		w.cloud.Advance(launchLag)
		w.ids["other"] = w.image("other")
		return w.region.OwnImage(awstest.ImageSeed{Name: "golden", SharedWith: []string{otherSharer, orgARN, unitARN}})
	}
	fields(func(w *fieldWorld) *ec2.ModifyImageAttributeInput {
		id := shared(w)
		return &ec2.ModifyImageAttributeInput{ImageId: &id, LaunchPermission: &ec2types.LaunchPermissionModifications{
			Add: []ec2types.LaunchPermission{{UserId: new(third)}}, Remove: []ec2types.LaunchPermission{{UserId: new("555555555555")}}}}
	}, fieldValues{
		"ImageId":                                       made("other"),
		"LaunchPermission.Add.Group":                    "all",
		"LaunchPermission.Add.UserId":                   stranger,
		"LaunchPermission.Add.OrganizationArn":          orgARN + "0",
		"LaunchPermission.Add.OrganizationalUnitArn":    unitARN + "0",
		"LaunchPermission.Remove.UserId":                otherSharer,
		"LaunchPermission.Remove.OrganizationArn":       orgARN,
		"LaunchPermission.Remove.OrganizationalUnitArn": unitARN,
		"Description.Value":                             refused{"InvalidParameterCombination", "two at once"},
		"ImdsSupport.Value":                             refused{"InvalidParameterCombination", "v2.0"},
		"Attribute":                                     refused{"InvalidParameterCombination", "description"},
		"OperationType":                                 refused{"InvalidParameterCombination", "remove"},
		"Value":                                         refused{"InvalidParameterCombination", "text"},
	}, attributes)
	fields(func(w *fieldWorld) *ec2.ModifyImageAttributeInput {
		id := shared(w)
		return &ec2.ModifyImageAttributeInput{ImageId: &id, OperationType: "add", Attribute: new("launchPermission"), UserIds: []string{stranger}}
	}, fieldValues{
		"OperationType":          "remove",
		"UserIds":                third,
		"UserGroups":             "all",
		"OrganizationArns":       orgARN + "0",
		"OrganizationalUnitArns": unitARN + "0",
		"Attribute":              refused{"InvalidParameterCombination", "description"},
	}, attributes)
	fields(func(w *fieldWorld) *ec2.ModifyImageAttributeInput {
		id := w.region.OwnImage(awstest.ImageSeed{Name: "golden", Public: true})
		return &ec2.ModifyImageAttributeInput{ImageId: &id, LaunchPermission: &ec2types.LaunchPermissionModifications{
			Remove: []ec2types.LaunchPermission{{UserId: new(third)}}}}
	}, fieldValues{"LaunchPermission.Remove.Group": "all"})
	text := func(in ec2.ModifyImageAttributeInput) func(w *fieldWorld) *ec2.ModifyImageAttributeInput {
		return func(w *fieldWorld) *ec2.ModifyImageAttributeInput {
			call := in
			call.ImageId = new(w.image("golden"))
			return &call
		}
	}
	fields(text(ec2.ModifyImageAttributeInput{Description: &ec2types.AttributeValue{Value: new("before")}}),
		fieldValues{"Description.Value": "after"})
	fields(text(ec2.ModifyImageAttributeInput{ImdsSupport: &ec2types.AttributeValue{Value: new("v2.0")}}),
		fieldValues{"ImdsSupport.Value": refused{"InvalidParameterValue", "v1.0"}})
	fields(text(ec2.ModifyImageAttributeInput{Attribute: new("description"), Value: new("v2.0")}),
		fieldValues{"Value": "after", "Attribute": "imdsSupport"})

	fields(func(w *fieldWorld) *ec2.ResetImageAttributeInput {
		w.ids["other"] = w.region.OwnImage(awstest.ImageSeed{Name: "other", SharedWith: []string{stranger}})
		return &ec2.ResetImageAttributeInput{ImageId: new(shared2(w)), Attribute: "launchPermission"}
	}, fieldValues{"ImageId": made("other"), "Attribute": refused{"InvalidParameterValue", "description"}})
	fields(func(w *fieldWorld) *ec2.CancelImageLaunchPermissionInput {
		w.ids["other"] = w.region.ForeignImage(stranger, "other", true)
		return &ec2.CancelImageLaunchPermissionInput{ImageId: new(w.region.ForeignImage(stranger, "golden", true))}
	}, fieldValues{"ImageId": made("other")})
}

// shared2 is an image that a stranger may use.
func shared2(w *fieldWorld) string {
	return w.region.OwnImage(awstest.ImageSeed{Name: "golden", SharedWith: []string{stranger}})
}

func init() {
	snapshots := func(w *fieldWorld) any {
		var out []fieldAnswer
		for _, n := range w.region.Snapshots() {
			out = append(out, w.try(&ec2.DescribeSnapshotAttributeInput{SnapshotId: n.SnapshotId, Attribute: "createVolumePermission"}))
		}
		return fmt.Sprint(out)
	}
	two := func(w *fieldWorld) *string {
		w.region.OwnImage(awstest.ImageSeed{Name: "other", RootGiB: 9, SharedWith: []string{otherSharer}})
		w.ids["other"] = *w.region.Snapshots()[0].SnapshotId
		w.region.OwnImage(awstest.ImageSeed{Name: "golden", SharedWith: []string{otherSharer}, ProductCodes: []string{"code"}})
		return w.region.Snapshots()[1].SnapshotId
	}
	plain := func(w *fieldWorld) *string {
		w.region.OwnImage(awstest.ImageSeed{Name: "golden", SharedWith: []string{otherSharer}, Public: true})
		return w.region.Snapshots()[0].SnapshotId
	}
	fields(func(w *fieldWorld) *ec2.ModifySnapshotAttributeInput {
		return &ec2.ModifySnapshotAttributeInput{SnapshotId: two(w), CreateVolumePermission: &ec2types.CreateVolumePermissionModifications{
			Add: []ec2types.CreateVolumePermission{{UserId: new(third)}}}}
	}, fieldValues{
		"SnapshotId":                           made("other"),
		"CreateVolumePermission.Add.UserId":    stranger,
		"CreateVolumePermission.Add.Group":     refused{"OperationNotPermitted", "all"},
		"CreateVolumePermission.Remove.UserId": refused{"InvalidParameterCombination", otherSharer},
		"Attribute":                            refused{"InvalidParameterValue", "productCodes"},
		"OperationType":                        refused{"InvalidParameterCombination", "add"},
	}, snapshots)
	fields(func(w *fieldWorld) *ec2.ModifySnapshotAttributeInput {
		return &ec2.ModifySnapshotAttributeInput{SnapshotId: plain(w), CreateVolumePermission: &ec2types.CreateVolumePermissionModifications{
			Remove: []ec2types.CreateVolumePermission{{UserId: new(third)}}}}
	}, fieldValues{
		"CreateVolumePermission.Remove.UserId": otherSharer,
		"CreateVolumePermission.Remove.Group":  "all",
	}, snapshots)
	fields(func(w *fieldWorld) *ec2.ModifySnapshotAttributeInput {
		return &ec2.ModifySnapshotAttributeInput{SnapshotId: plain(w), OperationType: "remove", UserIds: []string{otherSharer}}
	}, fieldValues{"OperationType": "add", "UserIds": third, "GroupNames": "all"}, snapshots)
	fields(func(w *fieldWorld) *ec2.ResetSnapshotAttributeInput {
		return &ec2.ResetSnapshotAttributeInput{SnapshotId: two(w), Attribute: "createVolumePermission"}
	}, fieldValues{"SnapshotId": made("other"), "Attribute": refused{"InvalidParameterValue", "productCodes"}}, snapshots)
	fields(func(w *fieldWorld) *ec2.DescribeSnapshotAttributeInput {
		return &ec2.DescribeSnapshotAttributeInput{SnapshotId: two(w), Attribute: "createVolumePermission"}
	}, fieldValues{"SnapshotId": made("other"), "Attribute": "productCodes"})
}
