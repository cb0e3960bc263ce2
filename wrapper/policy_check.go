package wrapper

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/host"
)

// CheckPlugin tries whether a program is a plugin as it should be: see [host.Check]. config is a file with the keys of
// [plugin.config], "" for none. The error says that there was nothing to try.
func CheckPlugin(ctx context.Context, program, config string) ([]host.Result, error) {
	caller, err := CallerFromOS()
	if err != nil {
		return nil, err
	}
	s := host.Spec{Name: filepath.Base(program), Path: caller.path(program)}
	f, err := os.Open(s.Path)
	if err != nil {
		return nil, &Error{What: "cannot read " + program, Err: errors.Unwrap(err)}
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, &Error{What: "cannot read " + program, Err: errors.Unwrap(err)}
	}
	s.SHA256 = hex.EncodeToString(h.Sum(nil))
	if s.Config, err = pluginConfig(config); err != nil {
		return nil, err
	}
	b := plugins.Build{Dir: caller.Dir, Argv: []string{"true"}, Env: []string{"PATH=" + hermeticPath}}
	return host.Check(ctx, s, b, host.Options{Confine: confinePlugin}), nil
}

// pluginConfig reads the configuration of a plugin alone.
func pluginConfig(file string) (json.RawMessage, error) {
	table := map[string]any{}
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, &Error{What: "cannot read " + file, Err: errors.Unwrap(err)}
		}
		if _, err := toml.Decode(string(data), &table); err != nil {
			return nil, (&source{file, string(data)}).syntaxError(err)
		}
	}
	config, err := jsonOf(table)
	if err != nil {
		return nil, &Error{What: file, Err: err}
	}
	return config, nil
}
