package awstest_test

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

func init() {
	fields(func(w *fieldWorld) *ec2.DisableImageInput {
		w.ids["other"] = w.image("other")
		return &ec2.DisableImageInput{ImageId: new(w.image("golden"))}
	}, fieldValues{"ImageId": made("other")})
}
