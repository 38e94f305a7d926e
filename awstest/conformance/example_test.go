package conformance_test

import (
	"context"
	"fmt"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/conformance"
)

// A place is checked rule by rule; what differs is told by name.
func ExampleCases() {
	cloud := awstest.New()
	failed := 0
	for _, c := range conformance.Cases() {
		if c.Name == "image/pending first" || c.Name == "sharing/pending image" {
			continue // nothing is pending where nothing takes time
		}
		if err := c.Run(context.Background(), fake(cloud)); err != nil {
			fmt.Println(c.Name, err)
			failed++
		}
	}
	fmt.Println("failed:", failed)
	// Output: failed: 0
}
