package manifest_test

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/feign-build/feign/lies/manifest"
)

func Example() {
	epoch := time.Unix(315532800, 0)
	m := &manifest.Manifest{Entries: []manifest.Entry{
		{Path: ".", Type: manifest.TypeDir, Mode: 0o755, Time: epoch},
		{Path: "bin", Type: manifest.TypeDir, Mode: 0o755, Time: epoch},
		{Path: "bin/ping", Type: manifest.TypeFile, Mode: 0o755, Size: 0, Time: epoch,
			Xattrs: []manifest.Xattr{{Name: "security.capability", Value: []byte("\x01\x00\x00\x02\x00\x20")}}},
		{Path: "null", Type: manifest.TypeChar, Mode: 0o666, Major: 1, Minor: 3, Time: epoch},
	}}
	m.WriteTo(os.Stdout)

	var text strings.Builder
	m.WriteTo(&text)
	again, err := manifest.Read(strings.NewReader(text.String()))
	if err != nil {
		fmt.Println(err)
		return
	}
	again.Lookup("bin/ping").Mode = 0o4755
	for _, d := range manifest.Diff(m, again) {
		fmt.Println(d)
	}

	_, err = manifest.Read(strings.NewReader("#mtree v2.0\n#feign 1\n./etc/passwd optional\n"))
	fmt.Println(err)

	// Output:
	// #mtree v2.0
	// #feign 1
	// . type=dir mode=0755 uid=0 gid=0 time=315532800.000000000
	// ./bin type=dir mode=0755 uid=0 gid=0 time=315532800.000000000
	// ./bin/ping type=file mode=0755 uid=0 gid=0 size=0 time=315532800.000000000
	// #@ xattr.security.capability=AQAAAgAg
	// ./null type=char mode=0666 uid=0 gid=0 device=native,1,3 contents=./null/. time=315532800.000000000
	// bin/ping: mode: want 0755, found 4755
	// manifest: line 3: unknown keyword "optional"
}
