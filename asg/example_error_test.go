package asg_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/readyami/readyami/asg"
)

// An error goes to another process as JSON, and means the same there.
func ExampleError() {
	cloud, templateID := exampleCloud()
	client := exampleGroup(cloud, templateID)
	_, err := asg.Describe(context.Background(), client, []string{"my-ags"})
	text, err := json.Marshal(err)
	if err != nil {
		fmt.Println(err)
		return
	}

	var read *asg.Error
	if err := json.Unmarshal(text, &read); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(read.Code(), read.ID, "retryable:", read.Retryable())
	fmt.Println(errors.Is(read, asg.ErrNotFound))
	// Output:
	// NotFound my-ags retryable: false
	// true
}
