package asg_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/asg"
)

func TestDiagnoseActivity(t *testing.T) {
	const image = "ami-0123456789abcdef0"
	for message, want := range map[string]asg.Diagnosis{
		"The AMI ID " + image + " does not exist. Launching EC2 instance failed.":                                                                         {ImageID: image, Hint: "the image is gone, or is not shared with this account"},
		"The image id '[" + image + "]' does not exist":                                                                                                   {ImageID: image, Hint: "the image is gone, or is not shared with this account"},
		"Not authorized for images: [" + image + "]. Launching EC2 instance failed.":                                                                      {ImageID: image, Hint: "the image is not shared with this account"},
		"AMI " + image + " is pending, and cannot be run. Launching EC2 instance failed.":                                                                 {ImageID: image, Hint: "the image is not available yet"},
		"AMI " + image + " is disabled, and cannot be run. Launching EC2 instance failed.":                                                                {ImageID: image, Hint: "the image is disabled"},
		"The image " + image + " of the AMI is not available":                                                                                             {ImageID: image, Hint: "the image is not available: it is pending, disabled or being deregistered"},
		"Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: Client.InternalError: Client error on launch": {Hint: "the KMS key of an encrypted volume cannot be used: grant it to the service-linked role of Auto Scaling"},
		"Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state":                                                                {Hint: "the KMS key of an encrypted snapshot is disabled or being deleted, or its policy or a missing grant keeps the service-linked role of Auto Scaling from it"},
		"The image id '[" + image + "]' is no longer available":                                                                                           {ImageID: image, Hint: "the image is gone, or is not shared with this account"},
		"The AMI ID '" + image + "' is currently disabled and may not be used for this operation. Launching EC2 instance failed.":                         {ImageID: image, Hint: "the image is disabled"},
		"The AMI ID '" + image + "' is currently pending and may not be used for this operation. Launching EC2 instance failed.":                          {ImageID: image, Hint: "the image is not available yet"},
		"Access to KMS denied": {Hint: "a KMS key cannot be used: grant it to the service-linked role of Auto Scaling"},
		"We currently do not have sufficient m5.large capacity in the Availability Zone you requested":                           {Hint: "EC2 has no capacity of this instance type in the Availability Zone now"},
		"You have requested more vCPU capacity than your current vCPU limit of 8 allows":                                         {Hint: "the vCPU quota of the account is used up"},
		"There are not enough free addresses in subnet 'subnet-1'":                                                               {Hint: "the subnet has no free addresses"},
		"The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of the specified AMI.": {Hint: "the image is for another architecture than the instance type"},
		"Lifecycle Action Token 7 was completed: lifecycle action with ABANDON result":                                           {Hint: "a launch lifecycle hook was abandoned"},
		"Instance i-0123456789abcdef0 failed an ELB health check":                                                                {InstanceID: "i-0123456789abcdef0", Hint: "new instances do not become healthy"},
		"In order to use this AWS Marketplace product you need to accept terms and subscribe.":                                   {Hint: "the account has no subscription to the Marketplace product of the image"},
		"something that nobody has seen yet":                                                                                     {},
		"":                                                                                                                       {},
	} {
		assert.Equal(t, want, asg.DiagnoseActivity(message), message)
	}
}

// TestExplain says what the error of a refresh that did not succeed tells, by
// what AWS's activities and the group say.
func TestExplain(t *testing.T) {
	launch := func(message string, minutes int) types.Activity {
		return types.Activity{
			StatusCode: types.ScalingActivityStatusCodeFailed, StatusMessage: &message,
			StartTime: new(dawn.Add(time.Duration(minutes) * time.Minute)),
		}
	}
	missing := launch("The AMI ID ami-1 does not exist. Launching EC2 instance failed.", 5)
	unknown := launch("something new", 6)
	old := launch("Access to KMS denied", -5)
	suspended := types.AutoScalingGroup{AutoScalingGroupName: new("web"), SuspendedProcesses: []types.SuspendedProcess{
		{ProcessName: new("AZRebalance")}, {ProcessName: new("Terminate")}, {ProcessName: new("Launch")},
	}}
	for name, tt := range map[string]struct {
		status     types.InstanceRefreshStatus
		activities []types.Activity
		err        error // of reading the activities
		groups     []types.AutoScalingGroup
		hint       string
		told       int
		calls      int
	}{
		"failed":         {status: failed, activities: []types.Activity{unknown, missing, old}, hint: "the image is gone, or is not shared with this account", told: 2, calls: 1},
		"rolled back":    {status: rolledBack, activities: []types.Activity{missing}, hint: "the image is gone, or is not shared with this account", told: 1, calls: 1},
		"not known":      {status: failed, activities: []types.Activity{unknown}, told: 1, calls: 1},
		"nothing failed": {status: failed, activities: []types.Activity{old}, calls: 1},
		"not readable":   {status: failed, err: refusal("AccessDenied"), hint: "could not be read", calls: 1},
		"cancelled":      {status: cancelled, activities: []types.Activity{missing}},
		"stalled":        {status: inProgress, activities: []types.Activity{missing}, hint: "the image is gone, or is not shared with this account", told: 1, calls: 1},
		"suspended":      {status: inProgress, groups: []types.AutoScalingGroup{suspended}, hint: "suspended processes of the group stop it: Launch, Terminate", calls: 1},
		"successful":     {status: successful, activities: []types.Activity{missing}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := refresh("r1", tt.status, 0)
				r.StartTime = &dawn
				api := &script{
					show:       func(time.Duration, string) ([]types.InstanceRefresh, error) { return []types.InstanceRefresh{r}, nil },
					activities: tt.activities, activitiesErr: tt.err, groups: tt.groups,
				}
				_, last, err := follow(t.Context(), api, one, stalling(time.Minute))
				require.NoError(t, err)
				got := last["web/r1"]
				require.Len(t, api.explained, tt.calls)
				assert.Len(t, got.Activities, tt.told, "of this refresh")
				if tt.status == successful {
					require.NoError(t, got.Err)
					return
				}
				if tt.hint == "" {
					assert.Empty(t, failure(t, got.Err).Hint)
				}
				assert.Contains(t, failure(t, got.Err).Hint, tt.hint)
			})
		})
	}
}

// TestExplainPending has a refresh that never began: what failed before the
// watch is not its own.
func TestExplainPending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &script{show: func(time.Duration, string) ([]types.InstanceRefresh, error) {
			return []types.InstanceRefresh{refresh("r1", pending, -1)}, nil
		}}
		began := time.Now()
		_, last, err := follow(t.Context(), api, one, stalling(time.Minute))
		require.NoError(t, err)
		require.ErrorIs(t, last["web/r1"].Err, asg.ErrRefreshStalled)
		require.Len(t, api.explained, 1)
		since := api.explained[0].Filters[1].Values[0]
		assert.Equal(t, began.Add(-time.Minute).UTC().Format(time.RFC3339), since)
	})
}
