package pages

import (
	"bytes"
	"os"
	"testing"
)

// FuzzPages reads anything as a database and as its write-ahead log.
func FuzzPages(f *testing.F) {
	f.Add([]byte(headerMagic), []byte{0x37, 0x7f, 0x06, 0x82})
	for _, name := range []string{"files.db", "log.db"} {
		data, err := os.ReadFile("../../testdata/v1/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, []byte(nil))
	}
	f.Fuzz(func(t *testing.T, db, wal []byte) {
		p := newFile(bytes.NewReader(db), int64(len(db)), bytes.NewReader(wal))
		p.EachRow(func(r Row) {
			size := 0
			for _, v := range r.Values {
				switch v := v.(type) {
				case string:
					size += len(v)
				case []byte:
					size += len(v)
				}
			}
			if size > maxRecord {
				t.Errorf("a record of %d bytes", size)
			}
		})
	})
}
