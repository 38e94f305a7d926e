package awstest_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/readyami/readyami/awstest"
)

// A tool that forgets the external id gets nowhere, as on AWS.
func ExampleAccount_RequireExternalID() {
	cloud := awstest.New()
	cloud.Account("222222222222").RequireExternalID("deploy", "a-customer")

	try := func(options ...func(*stscreds.AssumeRoleOptions)) {
		cfg := cloud.Config("eu-west-1")
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), "arn:aws:iam::222222222222:role/deploy", options...))
		who, err := sts.NewFromConfig(cfg).GetCallerIdentity(context.Background(), nil)
		if err != nil {
			fmt.Println(code(err))
			return
		}
		fmt.Println("in", *who.Account)
	}
	try()
	try(func(o *stscreds.AssumeRoleOptions) { o.ExternalID = new("a-customer") })
	// Output:
	// AccessDenied
	// in 222222222222
}
