// Package readyami delivers ready-to-use AMIs: images with the application and
// its dependencies installed, so that an instance serves as soon as it starts.
//
// [Deliver] goes the whole way: from a prepared instance, or an image that
// exists, to Auto Scaling groups in several Regions and accounts that run it.
//
//	prepared instance → image → copies → launch template versions → instance refreshes
//
// A [Delivery] says what is to be where in the end. Calling Deliver again with
// the same one, after success, failure or a crash, finds what stands on AWS,
// goes on from there, and creates nothing twice. There is no state file.
//
// # The parts
//
// Each step is a package of its own, of functions that take the client of the
// AWS SDK for Go v2, or a mock of the few methods that they call:
//
//   - [github.com/readyami/readyami/ami]: the images of one Region: create, find, wait, copy in.
//   - [github.com/readyami/readyami/region]: accounts and Regions, their clients, an image copied to many.
//   - [github.com/readyami/readyami/launchtemplate]: launch templates and their versions.
//   - [github.com/readyami/readyami/asg]: Auto Scaling groups and their instance refreshes.
//   - [github.com/readyami/readyami/awstest]: an in-memory AWS behind the real SDK clients, for tests.
//
// # Waiting
//
// Every wait ends when its context does, or when AWS says how it came out, and
// at no other time. Ending a wait never ends what is waited for.
//
// # Errors
//
// An [Error] names the operation, the place, the resource, its last state,
// AWS's own reason and the ids that are needed to go on or to clean up.
// errors.Is finds the sentinels, errors.As the smithy.APIError behind it.
package readyami
