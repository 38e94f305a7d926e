package readyami_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// refusal is a delivery that is refused before the first write.
type refusal struct {
	name  string
	spoil func(*world)
	kind  error
	says  string // a part of the error that names what is wrong
}

// refusedScenarios are a scenario of each refusal.
func refusedScenarios() (out []scenario) {
	for _, r := range slices.Concat(refusals, finishRefusals, mixRefusals) {
		out = append(out, scenario{name: r.scenario(), refused: true, acts: []act{{name: "first", says: r.kind}}, begin: func(t *testing.T) *world {
			w := newWorld(t)
			r.spoil(w)
			return w
		}})
	}
	return out
}

// scenario is the name of the refusal's scenario.
func (r refusal) scenario() string { return "refused-" + strings.ReplaceAll(r.name, " ", "-") }

// refusals are of deliveries, and of the world that they find.
var refusals = []refusal{
	{"no name", func(w *world) { w.Name = "" }, readyami.ErrInvalidInput, "Name"},
	{"malformed name", func(w *world) { w.Name = "web:2" }, readyami.ErrInvalidInput, "web:2"},
	{"no instance id", func(w *world) { w.Source.Instance.InstanceID = "" }, readyami.ErrInvalidInput, "InstanceID"},
	{"malformed instance id", func(w *world) { w.Source.Instance.InstanceID = "web-1" }, readyami.ErrInvalidInput, "web-1"},
	{"unknown instance", func(w *world) { w.Source.Instance.InstanceID = "i-0123456789abcdef0" }, ami.ErrNotFound, "i-0123456789abcdef0"},
	{"no consistency", func(w *world) { w.Source.Instance.Reboot = "" }, readyami.ErrInvalidInput, "Reboot"},
	{"no source Region", func(w *world) { w.Source.Instance.Region = "" }, readyami.ErrInvalidInput, "Source.Instance.Region"},
	{"two sources", func(w *world) {
		w.Source.Image = &plan.ImageSource{Region: "eu-west-1", ImageID: "ami-0123456789abcdef0"}
	}, readyami.ErrInvalidInput, "both"},
	{"malformed source image", func(w *world) {
		w.Source = plan.Source{Image: &plan.ImageSource{Region: "eu-west-1", ImageID: "web-2"}}
	}, readyami.ErrInvalidInput, "web-2"},
	{"unknown source image", func(w *world) {
		w.Source = plan.Source{Image: &plan.ImageSource{Region: "eu-west-1", ImageID: "ami-0123456789abcdef0"}}
	}, ami.ErrNotFound, "ami-0123456789abcdef0"},
	{"no targets", func(w *world) { w.Targets = nil }, readyami.ErrInvalidInput, "Targets"},
	{"target without a Region", func(w *world) { w.Targets[1].Region = "" }, readyami.ErrInvalidInput, "Region"},
	{"target twice", func(w *world) { w.Targets[1] = w.Targets[0] }, readyami.ErrInvalidInput, "eu-west-1"},
	{"unknown Region", func(w *world) { w.Targets[1].Region = "eu-west-9" }, region.ErrUnknownRegion, "eu-west-9"},
	{"Region that is not enabled", func(w *world) { w.Targets[1].Region = "me-south-1" }, region.ErrRegionNotEnabled, "me-south-1"},
	{"group without a name", func(w *world) { w.Targets[0].Groups = []string{""} }, readyami.ErrInvalidInput, "Groups[0]"},
	{"group twice", func(w *world) { w.Targets[0].Groups = []string{"web", "web"} }, readyami.ErrInvalidInput, "only once"},
	{"unknown group", func(w *world) { w.Targets[2].Groups = []string{"wep"} }, asg.ErrNotFound, "wep"},
	{"image id beside a source", func(w *world) { w.Targets[0].ImageID = "ami-0123456789abcdef0" }, readyami.ErrInvalidInput, "ImageID"},
	{"no image id and no source", func(w *world) { w.Source = plan.Source{} }, readyami.ErrInvalidInput, "ImageID"},
	{"key without encryption", func(w *world) { w.Targets[1].KMSKeyID = "alias/web" }, readyami.ErrInvalidInput, "KMSKeyID"},
	{"key of another Region", func(w *world) {
		w.Targets[1].Encrypted = true
		w.Targets[1].KMSKeyID = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	}, readyami.ErrInvalidInput, "key"},
	{"encryption without a key", func(w *world) { w.Targets[1].Encrypted = true }, readyami.ErrInvalidInput, "UseRegionDefaultKey"},
	{"encryption where the source is", func(w *world) { w.Targets[0].Encrypted, w.Targets[0].UseRegionDefaultKey = true, true }, readyami.ErrInvalidInput, "eu-west-1"},
	{"a tag that is ours", func(w *world) { w.Tags = map[string]string{ami.TagDelivery: "x"} }, readyami.ErrInvalidInput, ami.TagDelivery},
	{"unknown rollout", func(w *world) { w.Rollout.Order = "yolo" }, readyami.ErrInvalidInput, "yolo"},
	{"bad preferences", func(w *world) {
		w.Preferences = &plan.Preferences{MaxHealthyPercentage: new(int32(50))}
	}, readyami.ErrInvalidInput, "Max"},
	{"name taken in the home Region", func(w *world) {
		w.cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web-2"})
	}, ami.ErrNameTaken, "eu-west-1"},
	{"name taken in a target", func(w *world) {
		w.cloud.Region("us-east-1").OwnImage(awstest.ImageSeed{Name: "web-2"})
	}, ami.ErrNameTaken, "us-east-1"},
	{"name taken by a disabled image", func(w *world) { w.disabledImage("us-east-1", "web-2") }, ami.ErrNameTaken, "disabled"},
	{"group on $Latest", func(w *world) { w.onVersion("us-east-1", "web", "$Latest") }, readyami.ErrFloatingVersion, "web"},
	{"another group on $Latest of the template", func(w *world) {
		w.group("us-east-1", "batch", w.templateOf("us-east-1").id(), "$Latest")
	}, readyami.ErrFloatingVersion, "batch"},
	{"group on $Default, which cannot be rolled back", func(w *world) { w.onVersion("us-east-1", "web", "$Default") }, asg.ErrRollbackUnavailable, "$Default"},
	{"unknown failure policy", func(w *world) { w.Rollout.OnFailure = "pray" }, readyami.ErrInvalidInput, "pray"},
	{"group of a launch configuration", func(w *world) { w.onLaunchConfiguration("us-east-1", "web") }, readyami.ErrUnsupportedGroup, "launch configuration"},
	{"credentials of another account", func(w *world) {
		w.Targets = w.Targets[:1]
		w.Targets[0].Account = otherAccount
	}, region.ErrWrongAccount, otherAccount},
}

// finishRefusals are of what the images are to be given besides.
var finishRefusals = []refusal{
	{"nothing asked for", func(w *world) { w.Attributes = &plan.Attributes{} }, readyami.ErrInvalidInput, "nothing is asked for"},
	{"malformed account", sharing(func(w *world) { w.Attributes.Share.Accounts = []string{"bob"} }), readyami.ErrInvalidInput, "bob"},
	{"a key of AWS", sharing(func(w *world) {
		w.Targets[1].Encrypted, w.Targets[1].UseRegionDefaultKey = true, true
	}), ami.ErrUnshareableKey, "us-east-1"},
	{"a Region that encrypts by default", sharing(func(w *world) {
		_, err := ec2.NewFromConfig(w.cloud.Config("us-east-1")).EnableEbsEncryptionByDefault(w.t.Context(), &ec2.EnableEbsEncryptionByDefaultInput{})
		require.NoError(w.t, err)
	}), ami.ErrUnshareableKey, "us-east-1"},
}

// sharing is a delivery whose images are to be shared, spoiled.
func sharing(spoil func(*world)) func(*world) {
	return func(w *world) {
		w.Attributes = &plan.Attributes{Share: plan.Permissions{Accounts: []string{consumer}}}
		spoil(w)
	}
}

func (w *world) onLaunchConfiguration(in, group string) {
	w.t.Helper()
	client := autoscaling.NewFromConfig(w.cloud.Config(in))
	_, err := client.CreateLaunchConfiguration(w.t.Context(), &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: new("web-lc"),
		ImageId:                 new(w.cloud.Region(in).OwnImage(awstest.ImageSeed{Name: "web-lc"})),
		InstanceType:            new("t3.micro"),
	})
	require.NoError(w.t, err)
	_, err = asg.Update(w.t.Context(), client, asg.UpdateInput{Group: group, LaunchConfiguration: "web-lc"})
	require.NoError(w.t, err)
}

func (w *world) disabledImage(in, name string) {
	w.t.Helper()
	id := w.cloud.Region(in).OwnImage(awstest.ImageSeed{Name: name})
	_, err := ec2.NewFromConfig(w.cloud.Config(in)).DisableImage(w.t.Context(), &ec2.DisableImageInput{ImageId: &id})
	require.NoError(w.t, err)
}
