package plugins

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
)

// DecodeConfig reads the table [plugin.config] into a structure, by the rules of encoding/json. A key that the structure does
// not have is an error, as is a value of another type; errors name the key as the file has it.
func (b Build) DecodeConfig(v any) error {
	config := b.Config
	if len(config) == 0 {
		config = json.RawMessage("{}")
	}
	d := json.NewDecoder(bytes.NewReader(config))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return fmt.Errorf("config.%s: want %s, found %s", wrong.Field, wrong.Type, wrong.Value)
	}
	if key, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("config: unknown key %s", key)
	}
	return fmt.Errorf("config: %w", err)
}

// Path makes a path of the configuration absolute and clean. "" stays "".
func (b Build) Path(p string) string {
	if p == "" {
		return ""
	}
	if !path.IsAbs(p) {
		p = path.Join(b.Dir, p)
	}
	return path.Clean(p)
}
