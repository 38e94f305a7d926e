package plan

import "time"

// Duration is a [time.Duration] that is text in JSON, as in "1h30m0s".
type Duration time.Duration

// Minutes makes a [Duration] of n minutes.
func Minutes(n int) Duration { return Duration(time.Duration(n) * time.Minute) }

// Hours makes a [Duration] of n hours.
func Hours(n int) Duration { return Duration(time.Duration(n) * time.Hour) }

// Days makes a [Duration] of n times 24 hours.
func Days(n int) Duration { return Hours(24 * n) }

// String is the duration as [time.Duration] writes it.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes the duration as [time.Duration] does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [time.ParseDuration] reads.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}
