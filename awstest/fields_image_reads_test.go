package awstest_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

func init() {
	fields(func(w *fieldWorld) *ec2.DescribeImagesInput {
		id := w.image("golden")
		w.ids["other"] = w.image("other")
		w.region.ForeignImage(stranger, "foreign", true)
		w.do(&ec2.DisableImageInput{ImageId: &id})
		old := w.cloud.Account(stranger).Region(home).OwnImage(awstest.ImageSeed{Name: "old", SharedWith: []string{awstest.DefaultAccount}})
		w.doAs(stranger, home, &ec2.EnableImageDeprecationInput{ImageId: &old, DeprecateAt: new(w.cloud.Now().Add(time.Minute))})
		w.cloud.Advance(time.Hour)
		return &ec2.DescribeImagesInput{}
	}, fieldValues{
		"ImageIds":          made("other"),
		"Owners":            "self",
		"ExecutableUsers":   "self",
		"Filters":           filter("name", "other"),
		"IncludeDeprecated": true,
		"IncludeDisabled":   true,
		"MaxResults":        1,
		"NextToken":         nextOf(&ec2.DescribeImagesInput{MaxResults: new(int32(1))}),
	})
	fields(twoImages(func(id *string) *ec2.DescribeImageAttributeInput {
		return &ec2.DescribeImageAttributeInput{ImageId: id, Attribute: ec2types.ImageAttributeNameDescription}
	}), fieldValues{"ImageId": made("other"), "Attribute": "launchPermission"})
	fields(func(w *fieldWorld) *ec2.GetImageAncestryInput {
		w.ids["other"] = w.image("other")
		return &ec2.GetImageAncestryInput{ImageId: new(w.image("golden"))}
	}, fieldValues{"ImageId": made("other")})

	fields(func(w *fieldWorld) *ec2.DescribeImageReferencesInput {
		w.ids["golden"], w.ids["other"] = w.image("golden"), w.image("other")
		for n := range 12 {
			in := &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateName: new("web"),
				LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: new(w.ids["golden"])}}
			if n == 0 {
				w.do(&ec2.CreateLaunchTemplateInput{LaunchTemplateName: in.LaunchTemplateName, LaunchTemplateData: in.LaunchTemplateData})
			} else {
				w.do(in)
			}
		}
		for range 6 {
			w.region.PreparedInstance(awstest.InstanceSeed{ImageID: w.ids["golden"]})
		}
		return &ec2.DescribeImageReferencesInput{ImageIds: []string{w.ids["golden"]}, ResourceTypes: []ec2types.ResourceTypeRequest{
			{ResourceType: ec2types.ImageReferenceResourceTypeEc2LaunchTemplate}}}
	}, fieldValues{
		"ImageIds":                                       made("other"),
		"IncludeAllResourceTypes":                        true,
		"ResourceTypes.ResourceType":                     "ec2:Instance",
		"ResourceTypes.ResourceTypeOptions.OptionName":   refused{"InvalidParameterValue", "state-name"},
		"ResourceTypes.ResourceTypeOptions.OptionValues": refused{"InvalidParameterValue", "12"},
	})
	fields(func(w *fieldWorld) *ec2.DescribeImageReferencesInput {
		w.ids["golden"] = w.image("golden")
		for range 6 {
			w.region.PreparedInstance(awstest.InstanceSeed{ImageID: w.ids["golden"]})
		}
		return &ec2.DescribeImageReferencesInput{ImageIds: []string{w.ids["golden"]}, IncludeAllResourceTypes: new(true)}
	}, fieldValues{
		"MaxResults": 5,
		"NextToken": func(w *fieldWorld) any {
			return nextOf(&ec2.DescribeImageReferencesInput{ImageIds: []string{w.ids["golden"]}, MaxResults: new(int32(5)),
				IncludeAllResourceTypes: new(true)})(w)
		},
	})
	fields(func(w *fieldWorld) *ec2.DescribeImageReferencesInput {
		id := w.image("golden")
		w.region.PreparedInstance(awstest.InstanceSeed{ImageID: id})
		return &ec2.DescribeImageReferencesInput{ImageIds: []string{id}, ResourceTypes: []ec2types.ResourceTypeRequest{{
			ResourceType:        ec2types.ImageReferenceResourceTypeEc2Instance,
			ResourceTypeOptions: []ec2types.ResourceTypeOption{{OptionName: "state-name", OptionValues: []string{"running"}}},
		}}}
	}, fieldValues{
		"ResourceTypes.ResourceTypeOptions.OptionName":   refused{"InvalidParameterValue", "version-depth"},
		"ResourceTypes.ResourceTypeOptions.OptionValues": "stopped",
	})

	fields(func(w *fieldWorld) *ec2.DescribeInstanceImageMetadataInput {
		w.region.PreparedInstance(awstest.InstanceSeed{})
		w.ids["other"] = w.region.PreparedInstance(awstest.InstanceSeed{Tags: map[string]string{"app": "web"}})
		return &ec2.DescribeInstanceImageMetadataInput{}
	}, fieldValues{
		"InstanceIds": made("other"),
		"Filters":     filter("tag:app", "web"),
		"MaxResults":  1,
		"NextToken":   nextOf(&ec2.DescribeInstanceImageMetadataInput{MaxResults: new(int32(1))}),
	})
}

func init() {
	fields(func(w *fieldWorld) *ec2.CreateImageUsageReportInput {
		w.ids["golden"], w.ids["other"] = w.used("golden"), w.used("other")
		w.do(&ec2.CreateImageUsageReportInput{ImageId: new(w.ids["other"]), ResourceTypes: usageOf("ec2:Instance"), ClientToken: new("used")})
		return &ec2.CreateImageUsageReportInput{ImageId: new(w.ids["golden"]), ResourceTypes: usageOf("ec2:LaunchTemplate")}
	}, fieldValues{
		"ImageId":                    made("other"),
		"AccountIds":                 stranger,
		"ClientToken":                refused{"IdempotentParameterMismatch", "used"},
		"TagSpecifications":          tags("image-usage-report", "app", "web"),
		"ResourceTypes.ResourceType": "ec2:Instance",
		"ResourceTypes.ResourceTypeOptions.OptionName":   refused{"InvalidParameterValue", "state-name"},
		"ResourceTypes.ResourceTypeOptions.OptionValues": refused{"InvalidParameterValue", "3"},
	})
	fields(func(w *fieldWorld) *ec2.CreateImageUsageReportInput {
		kinds := usageOf("ec2:LaunchTemplate")
		kinds[0].ResourceTypeOptions = []ec2types.ImageUsageResourceTypeOptionRequest{{OptionName: new("version-depth"), OptionValues: []string{"5"}}}
		return &ec2.CreateImageUsageReportInput{ImageId: new(w.used("golden")), ResourceTypes: kinds}
	}, fieldValues{"ResourceTypes.ResourceTypeOptions.OptionValues": "6"})
	twoReports := func(w *fieldWorld) {
		w.ids["golden"], w.ids["other image"] = w.used("golden"), w.used("other")
		for _, id := range []string{w.ids["golden"], w.ids["other image"]} {
			w.ids["other"] = *w.do(&ec2.CreateImageUsageReportInput{ImageId: &id, ResourceTypes: usageOf("ec2:Instance")}).(*ec2.CreateImageUsageReportOutput).ReportId
		}
		w.cloud.Advance(time.Hour)
	}
	fields(func(w *fieldWorld) *ec2.DeleteImageUsageReportInput {
		twoReports(w)
		all := w.do(&ec2.DescribeImageUsageReportsInput{}).(*ec2.DescribeImageUsageReportsOutput)
		return &ec2.DeleteImageUsageReportInput{ReportId: all.ImageUsageReports[0].ReportId}
	}, fieldValues{"ReportId": made("other")})
	fields(func(w *fieldWorld) *ec2.DescribeImageUsageReportsInput {
		twoReports(w)
		return &ec2.DescribeImageUsageReportsInput{}
	}, fieldValues{
		"ImageIds":   made("other image"),
		"ReportIds":  made("other"),
		"Filters":    filter("state", "pending"),
		"MaxResults": 1,
		"NextToken":  nextOf(&ec2.DescribeImageUsageReportsInput{MaxResults: new(int32(1))}),
	})
	fields(func(w *fieldWorld) *ec2.DescribeImageUsageReportEntriesInput {
		twoReports(w)
		return &ec2.DescribeImageUsageReportEntriesInput{}
	}, fieldValues{
		"ImageIds":   made("other image"),
		"ReportIds":  made("other"),
		"Filters":    filter("account-id", stranger),
		"MaxResults": 1,
		"NextToken":  nextOf(&ec2.DescribeImageUsageReportEntriesInput{MaxResults: new(int32(1))}),
	})
}

// used is an image with an instance.
func (w *fieldWorld) used(name string) string {
	id := w.image(name)
	w.region.PreparedInstance(awstest.InstanceSeed{ImageID: id})
	return id
}

func usageOf(kind string) []ec2types.ImageUsageResourceTypeRequest {
	return []ec2types.ImageUsageResourceTypeRequest{{ResourceType: new(kind)}}
}

func filter(name string, values ...string) []ec2types.Filter {
	return []ec2types.Filter{{Name: new(name), Values: values}}
}
