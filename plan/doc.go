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
// # JSON
//
// Names are in camelCase, durations are text such as "30m", times are in RFC
// 3339. [Schema] is the version of the shape of plans and reports; [Decode]
// refuses a file of another version with a sentence that says so. Structures of
// AWS, such as the preferences of an instance refresh, are written whole, with
// AWS's names in camelCase, and grow with AWS.
package plan
