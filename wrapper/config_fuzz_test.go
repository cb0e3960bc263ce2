package wrapper

import (
	"errors"
	"strings"
	"testing"
)

// FuzzParseConfig: any input is a configuration or an error of one line with a
// place, and what was read can be shown and set again to the same.
func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(everyKey))
	f.Add([]byte("[hermetic]\nnetwrok = \"deny\"\n"))
	f.Add([]byte("[[plugin]]\nname = \"inputs\"\n[[plugin]]\nname = 7\n"))
	f.Add([]byte("action.env.\"a\\u0000b\" = \"c\"\n"))
	f.Add([]byte("plugin = [{name = \"passwd\"}, 3]\nhermetic = {}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseConfig("f.toml", data)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), "f.toml") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%T %q", err, err)
			}
			return
		}
		again := Defaults()
		if c.hermetic {
			again = HermeticDefaults()
		}
		for _, k := range keys {
			shown := literal(k.get(c))
			if err := again.Set(k.String() + "=" + shown); err != nil {
				t.Fatal(err)
			}
			if got := literal(k.get(again)); got != shown {
				t.Fatalf("%s: %s was set and is %s", k, shown, got)
			}
		}
		if p, err := c.Plan(Caller{Dir: "/d"}, nil); err == nil && (len(p.Argv) == 0 || p.Dir == "") {
			t.Fatalf("plan %+v", p)
		}
	})
}

// FuzzSet: any --set is taken or refused with one line, and a refused one
// changes nothing.
func FuzzSet(f *testing.F) {
	for _, s := range []string{"hermetic.network=loopback", "action.env.A=1", "plugin=[{}]", "a=b", "=", "action.umask=0o22", "trace.mode=\"\"\"x\"\"\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		c := Defaults()
		if err := c.Set(expr); err != nil && len(c.origin) > 0 {
			t.Fatalf("%q failed and changed %v", expr, c.origin)
		}
		if _, err := c.Plan(Caller{Dir: "/d"}, nil); err != nil && strings.Contains(err.Error(), "\n") {
			t.Fatalf("%q", err)
		}
	})
}
