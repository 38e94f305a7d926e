package readyami

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/internal/facts"
	"github.com/readyami/readyami/internal/fault"
	"github.com/readyami/readyami/plan"
)

// FindingEncryptedByDefault is the code of a warning: the copy in a Region will be
// encrypted although the target does not ask for it, because the account encrypts new
// volumes and snapshots there by default.
// https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html
const FindingEncryptedByDefault = "readyami.EncryptedByDefault"

// checkEncryption finds a copy that the Region encrypts unasked. It asks only where a
// copy is still to be made of an image that is not encrypted itself.
func checkEncryption(ctx context.Context, w *world, look *facts.Look, place int) ([]plan.Finding, error) {
	d := w.delivery
	if d.Source.IsZero() || place == w.home || place >= len(d.Targets) || look.Places[place].Image.ID != "" {
		return nil, nil
	}
	if t := d.Targets[place]; t.Encrypted || t.KMSKeyID != "" || t.UseRegionDefaultKey || encrypted(look.Places[w.home].Image.Raw) {
		return nil, nil
	}
	out, err := w.clients[place].EC2.GetEbsEncryptionByDefault(ctx, &ec2.GetEbsEncryptionByDefaultInput{})
	if fault.Is(err, "UnauthorizedOperation") {
		return nil, nil // a warning is worth no permission that a delivery does not need
	}
	if err != nil {
		return nil, fault.Call("readyami.Plan", fault.Place(w.targets[place]), "", err)
	}
	if !aws.ToBool(out.EbsEncryptionByDefault) {
		return nil, nil
	}
	return []plan.Finding{{
		Code: FindingEncryptedByDefault, Severity: plan.SeverityWarning, Resource: d.Name,
		Detail: fmt.Sprintf("the target does not ask for encryption, but the copy will be encrypted: encryption by default is on in %s", w.targets[place].Region),
		Hint:   "set Encrypted and a KMS key of the target, or turn encryption by default off",
	}}, nil
}

// encrypted reports whether a snapshot of the image is encrypted. Each copy of such an
// image is encrypted, and its target has to name a key.
func encrypted(image *ec2types.Image) bool {
	if image == nil {
		return false
	}
	for _, m := range image.BlockDeviceMappings {
		if m.Ebs != nil && aws.ToBool(m.Ebs.Encrypted) {
			return true
		}
	}
	return false
}
