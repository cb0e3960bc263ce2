package manifest

import "fmt"

// Loss is something that a manifest says and another format cannot.
type Loss struct {
	Path string // of the entry; "" for something that is lost of the whole
	What string // "socket", "extended attribute user.x", "fraction of a second", ...
	Why  string // "tar has none"
}

// String returns the loss as one line for a person.
func (l Loss) String() string {
	what := fmt.Sprintf("%s left out: %s", l.What, l.Why)
	if l.Path == "" {
		return what
	}
	return displayPath(l.Path) + ": " + what
}
