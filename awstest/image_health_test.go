package awstest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestCopiesOfABrokenImageAreBroken(t *testing.T) {
	for name, broken := range map[string]bool{"direct": true, "copy": true, "imaged again": false, "fine": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := awstest.Start(t)
				region := cloud.Region(home)
				client := ec2.NewFromConfig(cloud.Config(home))
				cloud.NeverHealthy(awstest.ImageMatch{Name: "bad-*"})
				bad := region.OwnImage(awstest.ImageSeed{Name: "bad-1"})
				cloud.ForgetScripts()
				id := bad
				switch name {
				case "copy":
					id = copyTo(t, client, ec2.CopyImageInput{Name: new("copy"), SourceImageId: &bad, SourceRegion: new(home)})
				case "imaged again":
					instance := region.PreparedInstance(awstest.InstanceSeed{ImageID: bad})
					out, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("repaired")})
					require.NoError(t, err)
					id = *out.ImageId
				case "fine":
					id = region.OwnImage(awstest.ImageSeed{Name: "good-1"})
				}

				first := region.Group(awstest.GroupSeed{Name: "web", ImageID: id}).Instances
				time.Sleep(time.Hour)

				members := region.Groups()[0].Instances
				if broken {
					for _, m := range members {
						assert.NotContains(t, first, *m.InstanceId, "it has been replaced, in vain")
					}
				} else {
					require.Len(t, members, 1)
					assert.Equal(t, first[0], *members[0].InstanceId)
				}
			})
		})
	}
}
