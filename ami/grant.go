package ami

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// maxVolumePermissions is how many a call may add or remove.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html
const maxVolumePermissions = 500

type launchAPI interface {
	ModifyImageAttribute(context.Context, *ec2.ModifyImageAttributeInput, ...func(*ec2.Options)) (*ec2.ModifyImageAttributeOutput, error)
}

type volumeAPI interface {
	ModifySnapshotAttribute(context.Context, *ec2.ModifySnapshotAttributeInput, ...func(*ec2.Options)) (*ec2.ModifySnapshotAttributeOutput, error)
}

func grantLaunch(api launchAPI, id string, p Permissions) change {
	return modifyLaunch(api, id, types.LaunchPermissionModifications{Add: p.launch()})
}

func revokeLaunch(api launchAPI, id string, p Permissions) change {
	return modifyLaunch(api, id, types.LaunchPermissionModifications{Remove: p.launch()})
}

func modifyLaunch(api launchAPI, id string, m types.LaunchPermissionModifications) change {
	return change{"launch permissions", func(ctx context.Context) error {
		_, err := api.ModifyImageAttribute(ctx, &ec2.ModifyImageAttributeInput{ImageId: &id, LaunchPermission: &m})
		return err
	}}
}

func grantVolume(api volumeAPI, id string, p Permissions) change {
	return modifyVolume(api, id, p, func(part []types.CreateVolumePermission) types.CreateVolumePermissionModifications {
		return types.CreateVolumePermissionModifications{Add: part}
	})
}

func revokeVolume(api volumeAPI, id string, p Permissions) change {
	return modifyVolume(api, id, p, func(part []types.CreateVolumePermission) types.CreateVolumePermissionModifications {
		return types.CreateVolumePermissionModifications{Remove: part}
	})
}

func modifyVolume(api volumeAPI, id string, p Permissions, how func([]types.CreateVolumePermission) types.CreateVolumePermissionModifications) change {
	return change{"permissions of " + id, func(ctx context.Context) error {
		for part := range slices.Chunk(p.volume(), maxVolumePermissions) {
			m := how(part)
			_, err := api.ModifySnapshotAttribute(ctx, &ec2.ModifySnapshotAttributeInput{SnapshotId: &id, CreateVolumePermission: &m})
			if err != nil {
				return err
			}
		}
		return nil
	}}
}
