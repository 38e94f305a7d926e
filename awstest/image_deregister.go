package awstest

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(deregisterImage, "ImageId", "DeleteAssociatedSnapshots")
}

// deregisterImage ends an image in any state: of a pending one it ends the
// making.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html
func deregisterImage(r *request, in *ec2.DeregisterImageInput) (*ec2.DeregisterImageOutput, error) {
	i, err := r.ownImage(*in.ImageId)
	if err != nil {
		return nil, err
	}
	if i.state == ec2types.ImageStateDeregistered {
		return nil, i.unavailable()
	}
	if err := r.protected(i); err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.dropImage(i)
	out := &ec2.DeregisterImageOutput{Return: new(true)}
	for _, id := range i.snapshotIDs() {
		n := r.catalogue.snapshots[id]
		n.usedBy = slices.DeleteFunc(n.usedBy, func(o *image) bool { return o == i })
		if aws.ToBool(in.DeleteAssociatedSnapshots) {
			out.DeleteSnapshotResults = append(out.DeleteSnapshotResults, ec2types.DeleteSnapshotReturnCode{
				SnapshotId: new(id),
				ReturnCode: r.deleteWithImage(n),
			})
		}
	}
	return out, nil
}

// deleteWithImage deletes a snapshot of an image that is gone, unless somebody
// needs it: that does not fail the call.
func (s *store) deleteWithImage(n *snapshot) ec2types.SnapshotReturnCodes {
	switch {
	case len(n.usedBy) > 0:
		return ec2types.SnapshotReturnCodesWarnSkipped
	case n.account != s.account:
		return ec2types.SnapshotReturnCodesErrorMissingPermissions
	case s.heldByFastRestore(n) != nil:
		return ec2types.SnapshotReturnCodesErrorCodeClientError
	}
	s.dropSnapshot(n)
	return ec2types.SnapshotReturnCodesSuccess
}

// snapshotIDs lists the snapshots behind an image that still exist, each once.
func (i *image) snapshotIDs() (out []string) {
	for _, m := range i.mappings {
		if m.snapshotID != "" && !slices.Contains(out, m.snapshotID) {
			out = append(out, m.snapshotID)
		}
	}
	return out
}

// dropImage takes an image out of its owner's store. For a while it is still
// known by id, and its name may stay taken.
func (s *store) dropImage(i *image) {
	is := func(o *image) bool { return o == i }
	i.state = ec2types.ImageStateDeregistered
	s.images.order = slices.DeleteFunc(s.images.order, is)
	free := func() { delete(s.images.byName, i.name) }
	if lag := s.consistency.NameTaken; lag > 0 {
		s.after(lag, free)
	} else {
		free()
	}
	at := i.deregistrations
	i.hidden, i.lingered = s.timing.Listed == 0, false
	s.after(s.timing.Listed, func() { i.hidden = i.hidden || i.deregistrations == at })
	s.after(s.timing.Linger, func() {
		if i.deregistrations == at { // it has not been restored
			i.lingered = true
			s.forgetImage(i)
		}
	})
	s.binImage(i)
}

// forgetImage lets a deregistered image be unknown from now on, once its time is
// over and no instance refers to it any more.
func (c *Cloud) forgetImage(i *image) {
	if !i.lingered || i.state != ec2types.ImageStateDeregistered {
		return
	}
	for p, s := range c.stores {
		if p.region == i.region && slices.ContainsFunc(s.instances.order, func(o *instance) bool {
			return o.image == i && o.state != ec2types.InstanceStateNameTerminated
		}) {
			return
		}
	}
	c.regional[i.region].remove(i)
}
