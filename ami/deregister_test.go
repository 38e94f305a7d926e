package ami_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

func TestDeregisterRemovesTheSnapshotsToo(t *testing.T) {
	cloud := awstest.Start(t)
	image := cloud.Region(here).OwnImage(awstest.ImageSeed{Name: "web 1", DataGiB: []int32{20}})
	results, err := ami.Deregister(t.Context(), client(cloud, here), image)
	require.NoError(t, err)
	require.Len(t, results, 2)
	for _, r := range results {
		assert.Equal(t, types.SnapshotReturnCodesSuccess, r.ReturnCode)
	}
	assert.Empty(t, held(t, cloud, here))
	assert.Empty(t, snapshots(t, cloud, here))

	results, err = ami.Deregister(t.Context(), client(cloud, here), image)
	require.NoError(t, err, "gone already")
	assert.Empty(t, results)
}

// remover answers DeregisterImage with one result for each code.
type remover []types.SnapshotReturnCodes

func (r remover) DeregisterImage(_ context.Context, in *ec2.DeregisterImageInput, _ ...func(*ec2.Options)) (*ec2.DeregisterImageOutput, error) {
	out := &ec2.DeregisterImageOutput{}
	for _, code := range r {
		out.DeleteSnapshotResults = append(out.DeleteSnapshotResults, types.DeleteSnapshotReturnCode{
			SnapshotId: new("snap-" + string(code)), ReturnCode: code,
		})
	}
	return out, nil
}

func TestDeregisterNamesTheSnapshotsThatAreLeft(t *testing.T) {
	results, err := ami.Deregister(t.Context(), remover{"success", "skipped", "missing-permissions", "internal-error", "client-error"}, id(1))
	require.ErrorIs(t, err, ami.ErrSnapshotsLeft)
	e, ok := errors.AsType[*ami.Error](err)
	require.True(t, ok)
	assert.Equal(t, []string{"snap-missing-permissions", "snap-internal-error", "snap-client-error"}, e.IDs)
	assert.Len(t, results, 5)

	_, err = ami.Deregister(t.Context(), remover{"success", "skipped"}, id(1))
	require.NoError(t, err, "another image has the other one")
}

func TestDeregisterGone(t *testing.T) {
	for _, code := range []string{"InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"} {
		cloud := awstest.Start(t, awstest.WithFault(awstest.Refuse(awstest.Match{Operation: "DeregisterImage"}, 1, code, "")))
		_, err := ami.Deregister(t.Context(), client(cloud, here), id(1))
		require.NoError(t, err, code)
	}
}

func TestDeregisterRefused(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithFault(awstest.Refuse(awstest.Match{Operation: "DeregisterImage"}, 1, "OperationNotPermitted", "protected")))
	_, err := ami.Deregister(t.Context(), client(cloud, here), id(1))
	require.ErrorContains(t, err, "OperationNotPermitted")
	e, ok := errors.AsType[*ami.Error](err)
	require.True(t, ok)
	assert.Equal(t, id(1), e.ID)
	assert.NotEmpty(t, e.RequestID())

	_, err = ami.Deregister(t.Context(), client(cloud, here), "web")
	require.ErrorIs(t, err, ami.ErrInvalidInput)
}
