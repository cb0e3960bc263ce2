package store

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/feign-build/feign/lies/internal/sqlite"
)

// oddEvents have all that a path or a name may have.
func oddEvents() []Event {
	var bytes []byte
	for c := 1; c < 256; c++ {
		bytes = append(bytes, byte(c))
	}
	return []Event{
		{Time: time.Unix(0, 0)},
		{Time: time.Unix(0, math.MaxInt64), Severity: Failure, PID: 1 << 22, Program: "sh", Syscall: "fchownat", Path: string(bytes), Claim: `"`, Result: `\`},
		{Time: time.Unix(0, math.MinInt64), Severity: Warning, Path: "/ä/\U0001F600", Claim: "[1,2]", Result: "],["},
		{Time: time.Unix(0, -1), PID: -1, Path: strings.Repeat("/long", 5000)},
		{Time: time.Unix(1e9, 7), Path: strings.Repeat("\x01", 300)},
	}
}

func TestRun(t *testing.T) {
	for _, most := range []int{0, 100, 4000, 1 << 20} {
		var got []Event
		want := oddEvents()
		for rest := want; len(rest) > 0; {
			text, n := appendRun([]byte("x"), rest, most)
			list, err := parseRun(string(text[1:]))
			if err != nil || len(list) != n || n > 1 && len(text)-1 > most {
				t.Fatalf("%d: %d events of %d, %d bytes, %v", most, len(list), n, len(text), err)
			}
			got, rest = append(got, list...), rest[n:]
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d: %+v", most, got)
		}
	}
	const one = `[1,2,3,"a","b","c","d","e"]`
	if _, err := parseRun("[" + one + "," + one + "]"); err != nil {
		t.Error(err)
	}
	for _, text := range []string{
		"", "[", "[]", "]", "[]]", one, "[" + one, "[" + one + ",]", "[" + one + "]x", `[[1,2,3,"a","b","c","d"]]`, `[[1,2,3,"a","b","c","d","e","f"]]`,
		`[[1,2,x,"a","b","c","d","e"]]`, `[[1,2,3,"a","b","c","d","e]]`, `[[1,2,3,"a","b","c","d","\u12"]]`, `[[1,2,3,"a","b","c","d","\x"]]`, `[[1,2,3,"a\`,
		`[[99999999999999999999,2,3,"a","b","c","d","e"]]`,
	} {
		if list, err := parseRun(text); err == nil {
			t.Errorf("%q: %+v", text, list)
		}
	}
}

// A run that can be parsed is what SQLite takes for the same.
func FuzzParseRun(f *testing.F) {
	text, _ := appendRun(nil, oddEvents(), 1<<20)
	f.Add(string(text))
	f.Add(`[[1,2,3,"a","b\u0000\/\b\f\n\r\t\"\\","c","d","e"]]`)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseRun(text)
		if err != nil {
			return
		}
		again, n := appendRun(nil, list, math.MaxInt)
		same, err := parseRun(string(again))
		if err != nil || n != len(list) || !reflect.DeepEqual(same, list) {
			t.Errorf("%q became %q: %v", text, again, err)
		}
	})
}

// ps-10, ps-11: the log as SQL sees it has each event, and so it is after it was brought to this version. sqlite3(1) can read it.
func TestLogView(t *testing.T) {
	events := oddEvents()
	for i := range 400 {
		events = append(events, Event{Time: time.Unix(0, int64(i)), PID: i, Program: "chown", Syscall: "fchownat", Path: fmt.Sprintf("/srv/%d", i), Claim: "0:42"})
	}
	dirs := map[string]string{"written": t.TempDir(), "migrated": t.TempDir()}
	fill(t, dirs["migrated"], 1)
	s, _ := open(t, dirs["written"], Options{})
	for _, e := range events {
		s.Log(e)
	}
	closeStore(t, s)

	first := *logKind
	first.migrations = first.migrations[:1]
	if err := removeAll(filepath.Join(dirs["migrated"], "log.db")); err != nil {
		t.Fatal(err)
	}
	if err := first.create(dirs["migrated"]); err != nil {
		t.Fatal(err)
	}
	old, err := first.open(dirs["migrated"], true)
	if err != nil {
		t.Fatal(err)
	}
	err = old.transaction(func() error {
		put, err := old.statement("INSERT INTO events (time, severity, pid, program, syscall, path, claim, result) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
		for i := range events {
			e := &events[i]
			for i, n := range []int64{e.Time.UnixNano(), int64(e.Severity), int64(e.PID)} {
				put.Int(1+i, n)
			}
			for i, s := range []string{e.Program, e.Syscall, e.Path, e.Claim, e.Result} {
				put.Text(4+i, s)
			}
			if err == nil {
				err = put.Run()
			}
		}
		return err
	})
	if err == nil {
		err = old.close()
	}
	if err != nil {
		t.Fatal(err)
	}

	for name, dir := range dirs {
		v, err := OpenView(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		var got, seen []Event
		for e, err := range v.Events(context.Background(), 0, EventFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e)
		}
		err = v.log.query(context.Background(), "SELECT * FROM events ORDER BY id", nil, func(s *sqlite.Stmt) bool {
			seen = append(seen, Event{
				ID: s.ColumnInt(0), Time: time.Unix(0, s.ColumnInt(1)), Severity: Severity(s.ColumnInt(2)), PID: int(s.ColumnInt(3)),
				Program: s.ColumnText(4), Syscall: s.ColumnText(5), Path: s.ColumnText(6), Claim: s.ColumnText(7), Result: s.ColumnText(8),
			})
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range events {
			if e.ID = int64(i + 1); i >= len(got) || i >= len(seen) || got[i] != e || seen[i] != e {
				t.Fatalf("%s: event %d of %d and %d: %+v, %+v, want %+v", name, i, len(got), len(seen), got[min(i, len(got)-1)], seen[min(i, len(seen)-1)], e)
			}
		}
		for _, after := range []int{1, 17, 404, 405} {
			n := 0
			for e := range v.Events(context.Background(), int64(after), EventFilter{}) {
				if n++; e.ID != int64(after+n) {
					t.Errorf("%s: event %d is the %dth after %d", name, e.ID, n, after)
					break
				}
			}
			if n != len(events)-after {
				t.Errorf("%s: %d events after %d", name, n, after)
			}
		}
	}
}
