package manifest

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseNames(t *testing.T) {
	text := strings.Join([]string{
		"root:x:0:0:root:/root:/bin/sh", "twin:x:0:0::/:", "www-data:x:33:33::/:", "# comment", "", "+nis::7:::", "-no:x:8:::",
		"sp ace:x:9:9::/:", ":x:10:10::/:", "octal:x:011:1::/:", "big:x:4294967296:1::/:", "last:x:4294967295:1::/:", "short:x", "g:x:12:",
	}, "\n")
	want := map[uint32]string{0: "root", 33: "www-data", 4294967295: "last", 12: "g"}
	if got := parseNames([]byte(text)); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
