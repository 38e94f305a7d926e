package awstest

import (
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// errLaunchKey is how an instance ends whose volumes need a key that whoever
// launches it may not use. EC2 says no more than this.
var errLaunchKey = &ec2types.StateReason{
	Code:    new("Client.InternalError"),
	Message: new("Client.InternalError: Client error on launch"),
}

// volumeKey is the key of a volume that is made of an image's device, where the
// launch names none. What another account shares is encrypted anew.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AMIEncryption.html
func (s *store) volumeKey(m mapping) string {
	if n := s.catalogue.snapshots[m.snapshotID]; n != nil && n.encrypted && n.account != s.account {
		return s.defaultKey()
	}
	return m.keyID
}

// encryptByDefault encrypts the volumes of a launch for an account that has all
// of its volumes encrypted.
func (s *store) encryptByDefault(all []mapping) {
	if !s.encryption.byDefault {
		return
	}
	for n := range all {
		if m := &all[n]; m.virtual == "" && !m.encrypted {
			m.encrypted, m.keyID = true, s.defaultKey()
		}
	}
}

// keyFault is nil when whoever carries out a launch may use the keys of its
// volumes and of the snapshots they are made from: the Auto Scaling role for a
// group, else the account. Otherwise the launch is accepted and comes to nothing.
func (s *store) keyFault(plan *launchPlan) *ec2types.StateReason {
	autoScaling := plan.group != ""
	for _, m := range plan.mappings {
		if m.encrypted && !s.mayUseKey(m.keyID, autoScaling) {
			return errLaunchKey
		}
		if n := s.catalogue.snapshots[m.snapshotID]; n != nil && n.encrypted && !s.mayUseKey(n.keyID, autoScaling) {
			return errLaunchKey
		}
	}
	return nil
}
