package awstest_test

import (
	"fmt"

	"github.com/readyami/readyami/awstest"
)

// What a test can rely on is asked of the fake itself.
func ExampleModelled() {
	for _, op := range awstest.Modelled() {
		if op.Name == "DeregisterImage" || op.Name == "CreateSnapshot" {
			fmt.Println(op.Service, op.Name, "without", op.Refused)
		}
	}
	// Output:
	// EC2 CreateSnapshot without [Location OutpostArn]
	// EC2 DeregisterImage without []
}
