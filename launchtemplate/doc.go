// Package launchtemplate makes launch templates and their versions: create a
// template, make the next version from a numbered one with another image or
// another of anything, move the default, say which version and image $Latest or
// $Default is, who uses which version, and prune what nobody needs.
//
// A next version holds whatever its source holds. It is made by AWS's own merge
// from a numbered source, so no list of fields is kept here that could lack one,
// and what AWS answers is compared with what was asked.
//
// Every write is found again: the version description carries a mark of what was
// asked, behind the caller's text, so that the same call by another process
// writes nothing.
//
// The package knows launch templates only. It takes the image as an id, and as
// the SDK's Image where the template's disks depend on it.
package launchtemplate
