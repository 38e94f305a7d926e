package awstest_test

import (
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/readyami/readyami/awstest"
)

func init() {
	value := func(w *fieldWorld) any {
		return []any{w.try(&ssm.DescribeParametersInput{}).out, w.try(&ssm.DescribeParametersInput{ParameterFilters: []ssmtypes.ParameterStringFilter{
			{Key: new("tag:app"), Values: []string{"web"}}}}).out, w.try(&ssm.GetParametersInput{Names: []string{"/app/new", "/app/other", "/app/old"}}).out,
			w.try(&ssm.GetParametersByPathInput{Path: new("/app"), Recursive: new(true)}).out}
	}
	fields(func(w *fieldWorld) *ssm.PutParameterInput {
		w.do(putInput("/app/old", "1"))
		return putInput("/app/new", "text")
	}, fieldValues{
		"Name":           "/app/other",
		"Value":          "other",
		"Type":           "SecureString",
		"DataType":       "aws:ec2:image", // and that is no image
		"Tier":           "Advanced",
		"AllowedPattern": refused{"ParameterPatternMismatchException", "^[0-9]+$"},
		"Description":    "of its image",
		"Tags":           []ssmtypes.Tag{{Key: new("app"), Value: new("web")}},
	}, value)
	fields(func(w *fieldWorld) *ssm.PutParameterInput {
		w.do(putInput("/app/old", "1"))
		in := putInput("/app/old", "2")
		in.Overwrite = new(true)
		return in
	}, fieldValues{"Overwrite": refused{"ParameterAlreadyExists", false}}, value)
	fields(func(w *fieldWorld) *ssm.LabelParameterVersionInput {
		for _, name := range []string{"/app/old", "/app/other"} {
			for _, v := range []string{"1", "2"} {
				in := putInput(name, v)
				in.Overwrite = new(v == "2")
				w.do(in)
			}
		}
		return &ssm.LabelParameterVersionInput{Name: new("/app/old"), Labels: []string{"stable"}}
	}, fieldValues{"Name": "/app/other", "Labels": "1st", "ParameterVersion": 1}, func(w *fieldWorld) any {
		return []any{w.try(&ssm.GetParametersInput{Names: []string{"/app/old:stable", "/app/other:stable"}}).out}
	})
	tree := func(w *fieldWorld) {
		for _, name := range []string{"/app/old", "/app/other", "/app/deep/one", "/web/new"} {
			w.do(putInput(name, name))
		}
		secret := putInput("/app/secret", "secret")
		secret.Type = ssmtypes.ParameterTypeSecureString
		w.do(secret)
	}
	fields(func(w *fieldWorld) *ssm.DeleteParameterInput {
		tree(w)
		return &ssm.DeleteParameterInput{Name: new("/app/old")}
	}, fieldValues{"Name": "/app/other"}, value)
	fields(func(w *fieldWorld) *ssm.DeleteParametersInput {
		tree(w)
		return &ssm.DeleteParametersInput{Names: []string{"/app/old"}}
	}, fieldValues{"Names": "/app/other"}, value)
	fields(func(w *fieldWorld) *ssm.GetParameterInput {
		tree(w)
		return &ssm.GetParameterInput{Name: new("/app/secret")}
	}, fieldValues{"Name": "/app/other", "WithDecryption": true})
	fields(func(w *fieldWorld) *ssm.GetParametersInput {
		tree(w)
		return &ssm.GetParametersInput{Names: []string{"/app/secret"}}
	}, fieldValues{"Names": "/app/other", "WithDecryption": true})
	fields(func(w *fieldWorld) *ssm.GetParameterHistoryInput {
		tree(w)
		again := putInput("/app/secret", "other")
		again.Type, again.Overwrite = ssmtypes.ParameterTypeSecureString, new(true)
		w.do(again)
		return &ssm.GetParameterHistoryInput{Name: new("/app/secret")}
	}, fieldValues{
		"Name": "/app/other", "WithDecryption": true, "MaxResults": 1,
		"NextToken": nextOf(&ssm.GetParameterHistoryInput{Name: new("/app/secret"), MaxResults: new(int32(1))}),
	})
	fields(func(w *fieldWorld) *ssm.DescribeParametersInput {
		tree(w)
		theirs := putInput("/golden/ami", "v")
		theirs.Tier = ssmtypes.ParameterTierAdvanced
		w.doAs(stranger, home, theirs)
		w.cloud.Account(stranger).Region(home).ShareParameter("/golden/ami", awstest.DefaultAccount)
		return &ssm.DescribeParametersInput{ParameterFilters: []ssmtypes.ParameterStringFilter{
			{Key: new("Type"), Option: new("BeginsWith"), Values: []string{"S"}}}}
	}, fieldValues{
		"ParameterFilters.Key":    "Name",
		"ParameterFilters.Option": "Equals",
		"ParameterFilters.Values": "Sec",
		"Shared":                  true,
		"MaxResults":              1,
		"NextToken":               nextOf(&ssm.DescribeParametersInput{MaxResults: new(int32(1))}),
	})
	fields(func(w *fieldWorld) *ssm.GetParametersByPathInput {
		tree(w)
		return &ssm.GetParametersByPathInput{Path: new("/app"), ParameterFilters: []ssmtypes.ParameterStringFilter{
			{Key: new("Type"), Option: new("BeginsWith"), Values: []string{"S"}}}}
	}, fieldValues{
		"Path":                    "/web",
		"Recursive":               true,
		"WithDecryption":          true,
		"ParameterFilters.Key":    refused{"InvalidFilterOption", "Label"},
		"ParameterFilters.Option": "Equals",
		"ParameterFilters.Values": "Sec",
		"MaxResults":              1,
		"NextToken":               nextOf(&ssm.GetParametersByPathInput{Path: new("/app"), MaxResults: new(int32(1))}),
	})
}

// parameter is one that holds an image.
func (w *fieldWorld) parameter(name, image string) {
	w.do(&ssm.PutParameterInput{Name: &name, Value: &image, Type: ssmtypes.ParameterTypeString, DataType: new("aws:ec2:image")})
	w.cloud.Advance(launchLag)
}
