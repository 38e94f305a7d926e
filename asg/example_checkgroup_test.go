package asg_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/readyami/readyami/asg"
	"github.com/readyami/readyami/awstest"
)

// Groups that have been read are checked without a further call.
func ExampleCheckGroup() {
	ctx := context.Background()
	cloud := awstest.New()
	cloud.Region("eu-west-1").Group(awstest.GroupSeed{Name: "storefront", Size: 1})
	groups, err := asg.Describe(ctx, autoscaling.NewFromConfig(cloud.Config("eu-west-1")), []string{"storefront"})
	if err != nil {
		log.Fatal(err)
	}

	for _, preferences := range []string{"AWS's", "launch first"} {
		in := asg.RefreshInput{Group: "storefront"}
		if preferences == "launch first" {
			in.Preferences = asg.LaunchBeforeTerminate()
		}
		ready := asg.CheckGroup(groups[0], in)
		fmt.Printf("%s: at least %d in service\n", preferences, ready.MinInService)
		for _, f := range ready.Findings {
			fmt.Println(" ", f.Code)
		}
	}
	// Output:
	// AWS's: at least 0 in service
	//   asg.NoneInService
	// launch first: at least 1 in service
}
