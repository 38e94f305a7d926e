package region_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

// A name that is taken in one target is found before anything is written in
// any, whatever the state of the image that has it; one of another owner has
// its own names.
func TestCopyFindsTakenNamesBeforeTheFirstWrite(t *testing.T) {
	for name, take := range map[string]func(t *testing.T, api *ec2.Client, id string){
		"available": func(*testing.T, *ec2.Client, string) {},
		"disabled": func(t *testing.T, api *ec2.Client, id string) {
			_, err := api.DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &id})
			require.NoError(t, err)
		},
		"deprecated": func(t *testing.T, api *ec2.Client, id string) {
			_, err := api.EnableImageDeprecation(t.Context(), &ec2.EnableImageDeprecationInput{ImageId: &id, DeprecateAt: new(time.Now().Add(time.Minute))})
			require.NoError(t, err)
			time.Sleep(time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in := atHome(t)
				taken := map[region.Target]string{}
				for _, target := range []region.Target{virginia, paris} {
					taken[target] = cloud.Region(target.Region).OwnImage(awstest.ImageSeed{Name: in.Name})
					take(t, ec2.NewFromConfig(cloud.Config(target.Region)), taken[target])
				}
				cloud.Region(london.Region).ForeignImage(other, in.Name, true)
				cloud.ForgetCalls()

				results, err := region.Copy(t.Context(), fresh(cloud), in)

				require.ErrorIs(t, err, ami.ErrNameTaken)
				assert.Nil(t, results)
				assert.Empty(t, cloud.Writes())
				for target, id := range taken {
					require.ErrorContains(t, err, target.Region)
					require.ErrorContains(t, err, id, "all that is in the way is named")
				}
				assert.NotContains(t, err.Error(), london.Region)
			})
		})
	}
}

// Nobody waits hours for a source to be told then that a name was taken.
func TestCopyFindsTakenNamesBeforeItWaitsForTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		made, err := ami.Create(t.Context(), ec2.NewFromConfig(cloud.Config(ireland.Region)), ami.CreateInput{
			InstanceID: cloud.Region(ireland.Region).PreparedInstance(awstest.InstanceSeed{}), Name: "web 2", Reboot: ami.NoReboot,
		})
		require.NoError(t, err)
		in.SourceImageID, in.Name = made.ImageID, "web 2"
		taken := cloud.Region(paris.Region).OwnImage(awstest.ImageSeed{Name: in.Name})
		cloud.ForgetCalls()
		start := time.Now()

		_, err = region.Copy(t.Context(), fresh(cloud), in)

		require.ErrorIs(t, err, ami.ErrNameTaken)
		assert.Less(t, time.Since(start), 10*time.Second)
		assert.Empty(t, cloud.Writes())
		e, ok := errors.AsType[*region.Error](err)
		require.True(t, ok)
		assert.Equal(t, taken, e.ID)
		assert.Equal(t, paris.Region, e.Region)
	})
}

// What AWS does not copy is refused beforehand, also while it is pending.
func TestCopyRefusesWhatCannotBeCopied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in := atHome(t)
		in.SourceImageID = cloud.Region(ireland.Region).MarketplaceImage("product", "abc")
		results, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, ami.ErrUnsupported)
		assert.Nil(t, results)
		assert.Empty(t, cloud.Writes())
		e, ok := errors.AsType[*region.Error](err)
		require.True(t, ok)
		assert.Equal(t, in.SourceImageID, e.ID)
		assert.Contains(t, e.Reason, "Marketplace")
	})
}
