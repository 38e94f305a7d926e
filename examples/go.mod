module github.com/readyami/readyami/examples

go 1.26.0

replace github.com/readyami/readyami => ../

require (
	github.com/readyami/readyami v0.0.0-00010101000000-000000000000
	github.com/vbauerster/mpb/v8 v8.16.2
	golang.org/x/term v0.47.0
)
