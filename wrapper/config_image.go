package wrapper

import (
	"math"

	"github.com/feign-build/feign/archive"
)

// image is what an OCI image has besides files: a table with architecture and config, as image-spec's config.md has them.
func image(field func(*Config) *archive.Image) kind {
	elem := func(cfg *Config, name string) setter {
		return func(v any) bool {
			switch name {
			case "architecture":
				s, ok := v.(string)
				field(cfg).Architecture = s
				return ok && notNUL.ok(s) && s != ""
			case "config":
				v, ok := jsonValue(v)
				t, isTable := v.(map[string]any)
				field(cfg).Config = t
				return ok && isTable
			}
			return false
		}
	}
	return kind{
		want: "a table with architecture, a string, and config, a table of what JSON can say",
		set: func(cfg *Config, v any) bool {
			*field(cfg) = archive.Image{}
			return setAll(cfg, v, elem)
		},
		get: func(cfg *Config) any {
			t, i := map[string]any{}, field(cfg)
			if i.Architecture != "" {
				t["architecture"] = i.Architecture
			}
			if i.Config != nil {
				t["config"] = i.Config
			}
			return t
		},
		elem: elem,
	}
}

// jsonValue returns a value of TOML as JSON has it, if it does: there are no times in it, no numbers that are none, and one kind
// of array.
func jsonValue(v any) (any, bool) {
	switch v := v.(type) {
	case string, int64, bool:
		return v, true
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	case []any:
		return jsonArray(v)
	case []map[string]any: // [[archive.image.config.X]]
		return jsonArray(v)
	case map[string]any:
		t := make(map[string]any, len(v))
		for name, e := range v {
			var ok bool
			if t[name], ok = jsonValue(e); !ok {
				return nil, false
			}
		}
		return t, true
	}
	return nil, false
}

func jsonArray[E any](v []E) (any, bool) {
	a := make([]any, len(v))
	for i, e := range v {
		var ok bool
		if a[i], ok = jsonValue(e); !ok {
			return nil, false
		}
	}
	return a, true
}
