package awsserver

import "sync"

// invocations are the newest calls whose attempts all get no answer, by the id
// that the SDKs send with each attempt. A call is over long before as many
// others have come.
type invocations struct {
	mu    sync.Mutex
	ids   map[string]bool
	order []string
}

const maxInvocations = 1000

func (b *invocations) add(id string) {
	if id == "" {
		return // a client that does not say which call is the same
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ids == nil {
		b.ids = map[string]bool{}
	}
	b.ids[id] = true
	b.order = append(b.order, id)
	if len(b.order) > maxInvocations {
		delete(b.ids, b.order[0])
		b.order = b.order[1:]
	}
}

func (b *invocations) has(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ids[id]
}

func (b *invocations) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ids, b.order = nil, nil
}
