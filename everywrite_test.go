package readyami_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/internal/faulttest"
)

// ways are the ways that a delivery goes, each with what must be true in the end,
// whatever has happened to the processes that made it.
var ways = []struct {
	name     string
	scenario string
	writes   int   // at least so many, when nothing happens
	says     error // what the run says that nothing has happened to
	differs  []difference
	ended    func(*world, error)
}{
	{"delivered and finished", "finished-and-default", 30, nil, nil, func(w *world, err error) {
		require.NoError(w.t, err)
		w.requireDelivered()
		for _, target := range w.Targets {
			w.requireOneRefresh(target.Region)
			image := w.named(target.Region, "web-2")[0]
			assert.Equal(w.t, "gold", ami.Tag(image.Tags, "tier"), target.Region)
			assert.NotEmpty(w.t, image.DeprecationTime, target.Region)
			assert.Equal(w.t, string(ami.ProtectWithoutCooldown), *image.DeregistrationProtection, target.Region)
			seen, err := ec2.NewFromConfig(w.cloud.Account(consumer).Config(target.Region)).DescribeImages(w.t.Context(),
				&ec2.DescribeImagesInput{ImageIds: []string{*image.ImageId}})
			require.NoError(w.t, err)
			assert.Len(w.t, seen.Images, 1, "%s: shared", target.Region)
			defaults := w.versions(target.Region, *w.describeGroup(target.Region, "web").LaunchTemplate.LaunchTemplateId)
			assert.True(w.t, *defaults[0].DefaultVersion, target.Region)
		}
	}},
	{"rolled back by AWS", "bad-image", 11, asg.ErrRolledBack, nil, (*world).requireBack},
	{"taken back by the delivery", "bad-image-taken-back", 11, asg.ErrRefreshFailed, nil, (*world).requireBack},
}

// requireBack checks that a bad image is gone from the group it was tried in, and
// marked everywhere.
func (w *world) requireBack(err error) {
	w.t.Helper()
	require.ErrorIs(w.t, err, readyami.ErrRejected)
	for _, name := range threeRegions {
		w.requireAsBefore(name)
		images := w.named(name, "web-2")
		require.Len(w.t, images, 1, name)
		assert.NotEmpty(w.t, ami.Tag(images[0].Tags, ami.TagRejected), name)
	}
	refreshes := w.cloud.Region("eu-west-1").Refreshes("web")
	assert.LessOrEqual(w.t, len(refreshes), 2, "one to the image, and one back where AWS does not do that")
	versions := w.versions("eu-west-1", w.templateOf("eu-west-1").id())
	require.Len(w.t, versions, 3, "that of before, the bad one, and one that makes $Latest what it was")
	assert.Equal(w.t, versions[2].LaunchTemplateData, versions[0].LaunchTemplateData)
}

// endWell runs the delivery as often as it takes to come to an end that the next
// run leaves alone, and checks what is there.
func (w *world) endWell(ended func(*world, error)) {
	w.t.Helper()
	var err error
	for range 3 {
		w.cloud.ForgetCalls()
		if _, err = w.deliver(w.t.Context()); len(w.cloud.Writes()) == 0 {
			break
		}
	}
	require.Empty(w.t, w.cloud.Writes(), "it comes to rest")
	ended(w, err)
	for _, name := range threeRegions {
		w.requireNoStraySnapshots(name)
	}
}

// trouble is something that happens at the k-th write.
type trouble struct {
	name  string
	fatal bool // no process outlives it
	at    func(k int) (f awstest.Fault, over func())
}

var troubles = []trouble{
	{"the process dies before it", true, func(k int) (awstest.Fault, func()) { return awstest.CrashAtWrite(k, false) }},
	{"the process dies after it", true, func(k int) (awstest.Fault, func()) { return awstest.CrashAtWrite(k, true) }},
	{"its answer is lost", false, func(k int) (awstest.Fault, func()) {
		return faulttest.At(k, true, awstest.LoseResponse(awstest.Match{Write: true})), func() {}
	}},
}

// Whatever happens at whichever write of a delivery, the runs after it bring it
// to the same end, with nothing twice and nothing left over: all of them together
// write what one writes that nothing happens to.
func TestTroubleAtEveryWrite(t *testing.T) {
	for _, way := range ways {
		for _, trouble := range troubles {
			t.Run(way.name+": "+trouble.name, func(t *testing.T) {
				t.Parallel()
				for k, more := 1, true; more; k++ {
					ok := t.Run(fmt.Sprint("write ", k), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							w := scenarioNamed(t, way.scenario).world(t)
							fault, over := trouble.at(k)
							w.inject(fault)
							w.recorder.begin("first", false)
							_, err := w.deliver(t.Context())
							if !trouble.fatal {
								require.ErrorIs(t, err, way.says)
							}
							more = len(w.cloud.Writes()) >= k
							over()
							w.endWell(way.ended)
							w.requireWritten(way.scenario, slices.Concat(differences, way.differs)...)
						})
					})
					if !ok {
						return
					}
					if !more {
						require.GreaterOrEqual(t, k, way.writes, "that many writes are made")
					}
				}
			})
		}
	}
}
