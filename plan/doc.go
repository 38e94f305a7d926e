// Package plan holds a release as data: what is asked for ([Delivery]), what
// stands and what is to stand ([Plan]), the steps that lead there ([Plan.Steps]),
// how far each of them is ([Result]), which of them may go now ([Plan.Ready]),
// and what came of it ([Report]).
//
// Everything here is plain data or a pure function. A plan holds no function,
// client or context, reads no clock, and keeps its shape through JSON: it can be
// reviewed, stored, sent to another process and applied there. Package readyami
// makes plans and applies them.
//
// # Reading
//
// Plans and reports print well: [Plan.String] and [Report.String] show in the manner of
// Terraform what is made, changed and left as it is, wave by wave, and what a failure
// would undo.
//
// # JSON
//
// Names are in camelCase, durations are text such as "30m", times are in RFC 3339.
// Structures of AWS, such as the preferences of an instance refresh, are written whole,
// with AWS's names in camelCase, and grow with AWS. [Schema] is the version of the shape
// of plans and reports; [Decode] and [DecodeReport] refuse a file of another version, and
// one that was edited, with a sentence that says so. docs/plan-files.md lists all fields
// and the codes of all findings.
package plan
