package release_test

// What follows from the marks alone: Before, the versions of this attempt, and the digest of the plan.

func dataOf(t *Template, n uint8) data {
	if n == 0 || n > t.N {
		return data{99, 99}
	}
	return data{t.V[n-1].Base, t.V[n-1].Image}
}

func resolve(t *Template, spelling uint8) uint8 {
	switch spelling {
	case latest:
		return t.N
	case defaultVer:
		return t.Default
	}
	return spelling
}

func floats(spelling uint8) bool { return spelling == latest || spelling == defaultVer }

func markOf(t *Template, n uint8) uint8 {
	if n == 0 || n > t.N {
		return markNone
	}
	return t.V[n-1].Mark
}

func active(refresh uint8) bool { return refresh == refreshActive || refresh == refreshRolling }

// Before is what a group launched, and how it spelled it, before the release.
type Before struct{ Number, Spelling uint8 }
