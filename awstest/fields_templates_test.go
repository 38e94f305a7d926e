package awstest_test

import (
	"maps"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

func init() {
	requirements := func() *ec2types.RequestLaunchTemplateData {
		return &ec2types.RequestLaunchTemplateData{
			//lint:ignore SA1019 AWS still takes the field
			ElasticInferenceAccelerators: []ec2types.LaunchTemplateElasticInferenceAccelerator{{Type: new("eia2.medium")}},
			InstanceRequirements: &ec2types.InstanceRequirementsRequest{
				VCpuCount: &ec2types.VCpuCountRangeRequest{Min: new(int32(2))}, MemoryMiB: &ec2types.MemoryMiBRequest{Min: new(int32(2))},
			},
		}
	}
	// Some of the data the SDK demands together.
	some, apart, tagged := fieldValues{}, fieldValues{}, fieldValues{
		"LaunchTemplateData.TagSpecifications.ResourceType": "volume",
		"LaunchTemplateData.TagSpecifications.Tags":         tags("", "app", "db")[0].Tags,
	}
	for path, value := range below[ec2types.RequestLaunchTemplateData]("LaunchTemplateData") {
		switch {
		case tagged[path] != nil:
		case strings.Contains(path, ".InstanceRequirements."), strings.Contains(path, ".ElasticInferenceAccelerators."):
			apart[path] = value
		default:
			some[path] = value
		}
	}
	some["LaunchTemplateData.ImageId"], some["LaunchTemplateData.UserData"] = "ami-any", "YW55"
	withTags := func() *ec2types.RequestLaunchTemplateData {
		return &ec2types.RequestLaunchTemplateData{TagSpecifications: []ec2types.LaunchTemplateTagSpecificationRequest{
			{ResourceType: ec2types.ResourceTypeInstance, Tags: tags("", "app", "web")[0].Tags}}}
	}
	fields(func(w *fieldWorld) *ec2.CreateLaunchTemplateInput {
		return &ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("web"), LaunchTemplateData: withTags()}
	}, tagged)
	fields(func(w *fieldWorld) *ec2.CreateLaunchTemplateVersionInput {
		w.template("web", w.image("golden"))
		return &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateName: new("web"), LaunchTemplateData: withTags()}
	}, tagged)
	fields(func(w *fieldWorld) *ec2.CreateLaunchTemplateInput {
		return &ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("web"), LaunchTemplateData: requirements()}
	}, apart)
	fields(func(w *fieldWorld) *ec2.CreateLaunchTemplateVersionInput {
		w.template("web", w.image("golden"))
		return &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateName: new("web"), LaunchTemplateData: requirements()}
	}, apart)
	data := func(image string) *ec2types.RequestLaunchTemplateData {
		return &ec2types.RequestLaunchTemplateData{ImageId: new(image)}
	}
	fields(func(w *fieldWorld) *ec2.CreateLaunchTemplateInput {
		image := w.image("golden")
		w.do(&ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("before"), LaunchTemplateData: data(image), ClientToken: new("used")})
		return &ec2.CreateLaunchTemplateInput{LaunchTemplateName: new("web"), LaunchTemplateData: data(image)}
	}, with(some, fieldValues{
		"LaunchTemplateName": "other",
		"VersionDescription": "first",
		"TagSpecifications":  tags(ec2types.ResourceTypeLaunchTemplate, "app", "web"),
		"ClientToken":        refused{"IdempotentParameterMismatch", "used"},
	}))
	fields(func(w *fieldWorld) *ec2.CreateLaunchTemplateVersionInput {
		image := w.image("golden")
		t := w.template("web", image)
		w.ids["other"] = w.template("other", image)
		w.do(&ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &t, LaunchTemplateData: data(image), ClientToken: new("used")})
		return &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &t, LaunchTemplateData: data(image)}
	}, with(some, fieldValues{
		"LaunchTemplateId":   made("other"),
		"LaunchTemplateName": refused{"InvalidParameterCombination", "other"},
		"VersionDescription": "second",
		"SourceVersion":      "1",
		"ClientToken":        "used",
	}))
	fields(func(w *fieldWorld) *ec2.CreateLaunchTemplateVersionInput {
		w.parameter("/golden", w.image("golden"))
		w.template("web", w.image("old"))
		w.template("other", w.image("other"))
		return &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateName: new("web"), LaunchTemplateData: data("resolve:ssm:/golden")}
	}, fieldValues{"LaunchTemplateName": "other", "ResolveAlias": true})
	two := func(w *fieldWorld) (id *string) {
		w.parameter("/golden", w.image("golden"))
		for _, name := range []string{"other", "web"} {
			w.ids["other"] = aws.ToString(id)
			id = new(w.template(name, w.image(name)))
			w.do(&ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: id, LaunchTemplateData: data("resolve:ssm:/golden")})
			w.do(&ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: id, LaunchTemplateData: data("ami-" + name)})
		}
		w.do(&ec2.ModifyLaunchTemplateInput{LaunchTemplateId: id, DefaultVersion: new("2"), ClientToken: new("used")})
		return id
	}
	fields(func(w *fieldWorld) *ec2.ModifyLaunchTemplateInput {
		return &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: two(w), DefaultVersion: new("3")}
	}, fieldValues{
		"LaunchTemplateId":   made("other"),
		"LaunchTemplateName": refused{"InvalidParameterCombination", "other"},
		"DefaultVersion":     "1",
		"ClientToken":        refused{"IdempotentParameterMismatch", "used"},
	})
	fields(func(w *fieldWorld) *ec2.ModifyLaunchTemplateInput {
		two(w)
		return &ec2.ModifyLaunchTemplateInput{LaunchTemplateName: new("web"), DefaultVersion: new("3")}
	}, fieldValues{"LaunchTemplateName": "other"})
	fields(func(w *fieldWorld) *ec2.DeleteLaunchTemplateInput {
		return &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: two(w)}
	}, fieldValues{"LaunchTemplateId": made("other")})
	fields(func(w *fieldWorld) *ec2.DeleteLaunchTemplateInput {
		two(w)
		return &ec2.DeleteLaunchTemplateInput{LaunchTemplateName: new("web")}
	}, fieldValues{"LaunchTemplateName": "other"})
	fields(func(w *fieldWorld) *ec2.DeleteLaunchTemplateVersionsInput {
		return &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: two(w), Versions: []string{"3"}}
	}, fieldValues{"LaunchTemplateId": made("other"), "Versions": "1"})
	fields(func(w *fieldWorld) *ec2.DeleteLaunchTemplateVersionsInput {
		two(w)
		return &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateName: new("web"), Versions: []string{"3"}}
	}, fieldValues{"LaunchTemplateName": "other"})
	fields(func(w *fieldWorld) *ec2.DescribeLaunchTemplatesInput {
		two(w)
		return &ec2.DescribeLaunchTemplatesInput{}
	}, fieldValues{
		"LaunchTemplateIds":   made("other"),
		"LaunchTemplateNames": "web",
		"Filters":             filter("launch-template-name", "web"),
		"MaxResults":          1,
		"NextToken":           nextOf(&ec2.DescribeLaunchTemplatesInput{MaxResults: new(int32(1))}),
	})
	fields(func(w *fieldWorld) *ec2.DescribeLaunchTemplateVersionsInput {
		w.ids["web"] = *two(w)
		return &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new(w.ids["web"])}
	}, fieldValues{
		"LaunchTemplateId":   made("other"),
		"LaunchTemplateName": refused{"InvalidParameterCombination", "other"},
		"Versions":           "$Default",
		"MinVersion":         "2",
		"MaxVersion":         "2",
		"Filters":            filter("image-id", "ami-web"),
		"ResolveAlias":       true,
		"MaxResults":         1,
		"NextToken": func(w *fieldWorld) any {
			return nextOf(&ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: new(w.ids["web"]), MaxResults: new(int32(1))})(w)
		},
	})
	fields(func(w *fieldWorld) *ec2.DescribeLaunchTemplateVersionsInput {
		two(w)
		return &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateName: new("web")}
	}, fieldValues{"LaunchTemplateName": "other"})
	fields(func(w *fieldWorld) *ec2.GetLaunchTemplateDataInput {
		w.ids["other"] = w.region.PreparedInstance(awstest.InstanceSeed{})
		return &ec2.GetLaunchTemplateDataInput{InstanceId: new(w.region.PreparedInstance(awstest.InstanceSeed{RootGiB: 30}))}
	}, fieldValues{"InstanceId": made("other")})
}

// below is a value for each field inside a structure: the first of those that
// the SDK names, or any.
func below[T any](path string) fieldValues {
	out := fieldValues{}
	for _, leaf := range leavesBelow(reflect.TypeFor[T](), path) {
		t := typeAt(reflect.TypeFor[T](), leaf[len(path)+1:])
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		switch t.Kind() {
		case reflect.Bool:
			out[leaf] = true
		case reflect.String:
			out[leaf] = "any"
			if values, ok := reflect.Zero(t).Type().MethodByName("Values"); ok {
				out[leaf] = values.Func.Call([]reflect.Value{reflect.Zero(t)})[0].Index(0).Interface()
			}
		case reflect.Struct:
			out[leaf] = reflect.New(t).Elem().Interface()
		default:
			out[leaf] = 1
		}
	}
	return out
}

// with is values and more.
func with(values, more fieldValues) fieldValues {
	out := maps.Clone(values)
	maps.Copy(out, more)
	return out
}
