package emulator

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// merge is the data of a source version with what a request sets on top, field
// by field. The two structs have the same fields under the same names, which is
// what lets one be read as the other.
//
// AWS leaves the snapshot ids of inherited block device mappings out.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
func merge(source *types.ResponseLaunchTemplateData, on *types.RequestLaunchTemplateData) (*types.RequestLaunchTemplateData, error) {
	text, err := json.Marshal(source)
	if err != nil {
		return nil, fmt.Errorf("merge launch template data: %w", err)
	}
	merged := &types.RequestLaunchTemplateData{}
	if err := json.Unmarshal(text, merged); err != nil {
		return nil, fmt.Errorf("merge launch template data: %w", err)
	}
	for i := range merged.BlockDeviceMappings {
		if ebs := merged.BlockDeviceMappings[i].Ebs; ebs != nil {
			ebs.SnapshotId = nil
		}
	}
	if on == nil {
		return merged, nil
	}
	from, to := reflect.ValueOf(on).Elem(), reflect.ValueOf(merged).Elem()
	for i := range from.NumField() {
		if f := from.Type().Field(i); f.IsExported() && !from.Field(i).IsZero() {
			to.Field(i).Set(from.Field(i))
		}
	}
	return merged, nil
}
