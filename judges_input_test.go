package readyami_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

// subjects are the kinds of things that operations write about, each with the
// fields that say which: they may be given by id or by name. A field that is a
// list makes a write of each element.
var subjects = map[string]struct {
	kind   string // empty: each thing's own
	fields []string
}{
	"CreateImage":                         {"image", []string{"Name"}},
	"CopyImage":                           {"image", []string{"Name"}},
	"DeregisterImage":                     {"image", []string{"ImageId"}},
	"ModifyImageAttribute":                {"image", []string{"ImageId"}},
	"EnableImageDeprecation":              {"image", []string{"ImageId"}},
	"DisableImageDeprecation":             {"image", []string{"ImageId"}},
	"EnableImageDeregistrationProtection": {"image", []string{"ImageId"}},
	"ModifySnapshotAttribute":             {"snapshot", []string{"SnapshotId"}},
	"DeleteSnapshot":                      {"snapshot", []string{"SnapshotId"}},
	"StopInstances":                       {"instance", []string{"InstanceIds"}},
	"StartInstances":                      {"instance", []string{"InstanceIds"}},
	"CreateTags":                          {"", []string{"Resources"}},
	"DeleteTags":                          {"", []string{"Resources"}},
	"CreateLaunchTemplate":                {"launch template", []string{"LaunchTemplateName"}},
	"CreateLaunchTemplateVersion":         {"launch template", []string{"LaunchTemplateId", "LaunchTemplateName"}},
	"ModifyLaunchTemplate":                {"launch template", []string{"LaunchTemplateId", "LaunchTemplateName"}},
	"UpdateAutoScalingGroup":              {"Auto Scaling group", []string{"AutoScalingGroupName"}},
	"StartInstanceRefresh":                {"Auto Scaling group", []string{"AutoScalingGroupName"}},
	"CancelInstanceRefresh":               {"Auto Scaling group", []string{"AutoScalingGroupName"}},
	"RollbackInstanceRefresh":             {"Auto Scaling group", []string{"AutoScalingGroupName"}},
	"PutParameter":                        {"parameter", []string{"Name"}},
}

// kinds are those of things that are given by their ids.
var kinds = map[string]string{"ami": "image", "snap": "snapshot", "i": "instance", "lt": "launch template"}

// made are the operations whose subject is not there yet, and is named by its
// place.
var made = map[string]bool{"CreateImage": true, "CopyImage": true}

// unsaid are the fields that the golden files leave out.
var unsaid = []string{"ClientToken", "DryRun", "VersionDescription"}

// describe makes the writes of a call.
func describe(operation string, place region.Target, input any, n *names) ([]write, error) {
	about, ok := subjects[operation]
	if !ok {
		return nil, fmt.Errorf("it is not known what %s is about: see subjects", operation)
	}
	whole, err := plain(reflect.ValueOf(input), n)
	if err != nil {
		return nil, err
	}
	fields, _ := whole.(map[string]any)
	for _, name := range unsaid {
		delete(fields, name)
	}
	var things []string
	for _, name := range about.fields {
		if len(things) == 0 {
			things = given(reflect.ValueOf(input).Elem().FieldByName(name))
		}
		delete(fields, name)
	}
	marks := unmarked(fields)
	if operation != "CreateTags" && operation != "DeleteTags" || len(fields) > 0 {
		marks = nil
	}
	var out []write
	for _, id := range things {
		name, err := n.of(id)
		if err != nil {
			return nil, err
		}
		kind := about.kind
		if kind == "" {
			prefix, _, _ := strings.Cut(id, "-")
			kind = kinds[prefix]
		}
		if made[operation] {
			name += "@" + where(place)
		}
		out = append(out, write{Operation: operation, Resource: kind + " " + name, Input: fields, Marks: marks})
	}
	return out, nil
}

// given lists the text or texts of a field.
func given(field reflect.Value) (out []string) {
	switch {
	case !field.IsValid() || field.IsZero():
	case field.Kind() == reflect.Slice:
		for i := range field.Len() {
			out = append(out, field.Index(i).String())
		}
	default:
		out = append(out, field.Elem().String())
	}
	return out
}

// plain is a value of the SDK as JSON has it, with what is set and no more, and
// names in the place of ids.
func plain(v reflect.Value, n *names) (any, error) {
	if v.Kind() == reflect.Pointer && !v.IsNil() && v.Elem().Kind() != reflect.Struct {
		return scalar(v.Elem(), n) // what is pointed to is set, be it zero
	}
	switch {
	case v.IsZero():
		return nil, nil
	case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
		return plain(v.Elem(), n)
	case v.Type() == reflect.TypeFor[time.Time]():
		return v.Interface().(time.Time).UTC().Format("2006-01-02T15:04Z"), nil
	case v.Kind() == reflect.Struct && isMark(v):
		return map[string]any{"Key": *v.FieldByName("Key").Interface().(*string)}, nil // for unmarked
	case v.Kind() == reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				value, err := plain(v.Field(i), n)
				if err != nil {
					return nil, err
				}
				if value != nil {
					out[field.Name] = value
				}
			}
		}
		if len(out) == 0 {
			return nil, nil
		}
		return out, nil
	case v.Kind() == reflect.Slice:
		var out []any
		for i := range v.Len() {
			value, err := plain(v.Index(i), n)
			if err != nil {
				return nil, err
			}
			out = append(out, value)
		}
		sortTags(out)
		return out, nil
	}
	return scalar(v, n)
}

func scalar(v reflect.Value, n *names) (any, error) {
	switch {
	case v.Kind() == reflect.String:
		return n.of(v.String())
	case v.CanInt():
		return float64(v.Int()), nil // as JSON is read
	case v.CanFloat():
		return v.Float(), nil
	case v.Kind() == reflect.Bool:
		return v.Bool(), nil
	}
	return nil, fmt.Errorf("a value of kind %s has no form in a golden file", v.Kind())
}

// sortTags sorts what has keys: the order of tags means nothing.
func sortTags(list []any) {
	slices.SortStableFunc(list, func(a, b any) int { return strings.Compare(keyOf(a), keyOf(b)) })
}

func keyOf(v any) string {
	fields, _ := v.(map[string]any)
	key, _ := fields["Key"].(string)
	return key
}

// ownTags is how the keys of our own tags start.
const ownTags = "readyami:"

// hashed fits the hash of a group's name at the end of a key.
var hashed = regexp.MustCompile(`:[0-9a-f]{16}$`)

// isMark tells whether a value is one of our own tags.
func isMark(v reflect.Value) bool {
	field := v.FieldByName("Key")
	if !field.IsValid() {
		return false
	}
	key, ok := field.Interface().(*string)
	return ok && key != nil && strings.HasPrefix(*key, ownTags)
}

// unmarked takes our own tags out of an input and returns their keys, sorted.
func unmarked(fields map[string]any) (keys []string) {
	for name, value := range fields {
		list, ok := value.([]any)
		if !ok {
			continue
		}
		kept := slices.DeleteFunc(list, func(v any) bool {
			key := keyOf(v)
			if strings.HasPrefix(key, ownTags) {
				keys = append(keys, hashed.ReplaceAllString(key, ":*"))
				return true
			}
			spec, ok := v.(map[string]any)
			if !ok || name != "TagSpecifications" {
				return false
			}
			keys = append(keys, unmarked(spec)...)
			return spec["Tags"] == nil
		})
		if fields[name] = kept; len(kept) == 0 {
			delete(fields, name)
		}
	}
	slices.Sort(keys)
	return keys
}

// What a golden file says of a write is what is meant by it, whatever way its
// input was written.
func TestJudgesTellWhatIsWritten(t *testing.T) {
	cloud := awstest.Start(t)
	r := cloud.Region("eu-west-1")
	image, template := r.OwnImage(awstest.ImageSeed{Name: "web-1"}), r.Template(awstest.TemplateSeed{Name: "web"})
	far := cloud.Account("222222222222").Region("us-east-1").OwnImage(awstest.ImageSeed{Name: "web-1"})
	own := ec2types.Tag{Key: new("readyami:delivery"), Value: new("web-2")}
	pin := ec2types.Tag{Key: new("readyami:pinned:0123456789abcdef"), Value: new("L")}
	tier, team := ec2types.Tag{Key: new("tier"), Value: new("gold")}, ec2types.Tag{Key: new("team"), Value: new("web")}
	at := time.Date(2026, 11, 23, 4, 5, 6, 7, time.FixedZone("east", 3600))
	tests := []struct {
		operation string
		input     any
		want      []string
	}{
		{"CopyImage", &ec2.CopyImageInput{
			Name: new("web-2"), SourceImageId: &far, SourceRegion: new("us-east-1"), ClientToken: new("t"), DryRun: new(false), Encrypted: new(false),
			TagSpecifications: []ec2types.TagSpecification{
				{ResourceType: "image", Tags: []ec2types.Tag{own, tier, team}}, {ResourceType: "snapshot", Tags: []ec2types.Tag{own}},
			},
		}, []string{`{"operation":"CopyImage","resource":"image web-2@eu-west-1","input":{"Encrypted":false,` +
			`"SourceImageId":"web-1@222222222222/us-east-1","SourceRegion":"us-east-1","TagSpecifications":[` +
			`{"ResourceType":"image","Tags":[{"Key":"team","Value":"web"},{"Key":"tier","Value":"gold"}]}]}}`}},
		{"CreateTags", &ec2.CreateTagsInput{Resources: []string{image, template}, Tags: []ec2types.Tag{pin, own}}, []string{
			`{"operation":"CreateTags","resource":"image web-1@eu-west-1","marks":["readyami:delivery","readyami:pinned:*"]}`,
			`{"operation":"CreateTags","resource":"launch template web","marks":["readyami:delivery","readyami:pinned:*"]}`,
		}},
		{"CreateTags", &ec2.CreateTagsInput{Resources: []string{image}, Tags: []ec2types.Tag{own, tier}}, []string{
			`{"operation":"CreateTags","resource":"image web-1@eu-west-1","input":{"Tags":[{"Key":"tier","Value":"gold"}]}}`,
		}},
		{"CreateLaunchTemplateVersion", &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &template, SourceVersion: new("1"), VersionDescription: new("readyami …"),
			LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: &image},
		}, []string{`{"operation":"CreateLaunchTemplateVersion","resource":"launch template web","input":{` +
			`"LaunchTemplateData":{"ImageId":"web-1@eu-west-1"},"SourceVersion":"1"}}`}},
		{"ModifyLaunchTemplate", &ec2.ModifyLaunchTemplateInput{LaunchTemplateName: new("web"), DefaultVersion: new("2")}, []string{
			`{"operation":"ModifyLaunchTemplate","resource":"launch template web","input":{"DefaultVersion":"2"}}`,
		}},
		{"EnableImageDeprecation", &ec2.EnableImageDeprecationInput{ImageId: &image, DeprecateAt: &at}, []string{
			`{"operation":"EnableImageDeprecation","resource":"image web-1@eu-west-1","input":{"DeprecateAt":"2026-11-23T03:05Z"}}`,
		}},
		{"StartInstanceRefresh", &autoscaling.StartInstanceRefreshInput{
			AutoScalingGroupName: new("web"), Strategy: "Rolling",
			Preferences: &asgtypes.RefreshPreferences{AutoRollback: new(false), InstanceWarmup: new(int32(0)), CheckpointPercentages: []int32{50}},
		}, []string{`{"operation":"StartInstanceRefresh","resource":"Auto Scaling group web","input":{"Preferences":{` +
			`"AutoRollback":false,"CheckpointPercentages":[50],"InstanceWarmup":0},"Strategy":"Rolling"}}`}},
	}
	home := region.Target{Account: awstest.DefaultAccount, Region: "eu-west-1"}
	known := newNames(cloud)
	known.places[home], known.places[region.Target{Account: "222222222222", Region: "us-east-1"}] = true, true
	for _, tt := range tests {
		t.Run(tt.operation, func(t *testing.T) {
			writes, err := describe(tt.operation, home, tt.input, known)
			require.NoError(t, err)
			var got []string
			for _, w := range writes {
				got = append(got, w.line())
			}
			assert.Equal(t, tt.want, got)
		})
	}
	for operation, input := range map[string]any{
		"DeregisterImage":      &ec2.DeregisterImageInput{ImageId: new("ami-0123456789abcdef0")},
		"DeletePlacement":      &ec2.DeletePlacementGroupInput{GroupName: new("x")},
		"ModifyImageAttribute": &ec2.ModifyImageAttributeInput{ImageId: &image, Value: new("vpc-0123456789abcdef0")},
	} {
		_, err := describe(operation, home, input, known)
		assert.Error(t, err, operation)
	}
}
