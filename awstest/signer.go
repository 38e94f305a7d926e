package awstest

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// keySigner writes of a signature what the cloud reads: whose key it is. The
// digests would be a third of a call's time, and nothing here checks them. A client
// with a signer of its own keeps it.
type keySigner struct{}

func (keySigner) SignHTTP(_ context.Context, who aws.Credentials, r *http.Request, _, _, _ string, _ time.Time,
	_ ...func(*v4.SignerOptions),
) error {
	r.Header["Authorization"] = []string{"AWS4-HMAC-SHA256 Credential=" + who.AccessKeyID + "/"}
	return nil
}

// sparelySigned gives the clients of the services that are modelled the signer.
// It runs before the caller's own options.
func sparelySigned(_ string, options any) {
	switch o := options.(type) {
	case *autoscaling.Options:
		o.HTTPSignerV4 = keySigner{}
	case *ec2.Options:
		o.HTTPSignerV4 = keySigner{}
	case *kms.Options:
		o.HTTPSignerV4 = keySigner{}
	case *ssm.Options:
		o.HTTPSignerV4 = keySigner{}
	case *sts.Options:
		o.HTTPSignerV4 = keySigner{}
	}
}
