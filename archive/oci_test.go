package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/feign-build/feign/lies/manifest"
)

// plainImage are the options of the tests: nothing in them depends on the machine.
func plainImage() Options {
	return Options{Format: ociTar, Epoch: day, Image: Image{Architecture: "amd64", Config: map[string]any{
		"Cmd": []any{"/bin/sh"}, "Env": []any{"PATH=/bin", "A=<b>&c"}}}}
}

// The digest of an image is pinned but for its layer, which the compressor decides.
func TestImageText(t *testing.T) {
	z := newZoo()
	files := untar(t, z.pack(t, z.write(t), plainImage()))
	var index struct{ Manifests []descriptor }
	parse(t, files["index.json"], &index)
	var image struct {
		Config descriptor
		Layers []descriptor
	}
	parse(t, files[blobPath(index.Manifests[0].Digest)], &image)
	layer := files[blobPath(image.Layers[0].Digest)]
	r, err := gzip.NewReader(strings.NewReader(layer))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	wantConfig := fmt.Sprintf(`{"architecture":"amd64","config":{"Cmd":["/bin/sh"],"Env":["PATH=/bin","A=<b>&c"]},`+
		`"created":"2024-02-29T12:34:56Z","os":"linux","rootfs":{"diff_ids":["sha256:%x"],"type":"layers"}}`, sha256.Sum256(plain))
	if got := files[blobPath(image.Config.Digest)]; got != wantConfig {
		t.Errorf("configuration\n got %s\nwant %s", got, wantConfig)
	}
	wantManifest := fmt.Sprintf(`{"config":{"digest":"sha256:%x","mediaType":"application/vnd.oci.image.config.v1+json","size":%d},`+
		`"layers":[{"digest":"sha256:%x","mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":%d}],`+
		`"mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2}`,
		sha256.Sum256([]byte(wantConfig)), len(wantConfig), sha256.Sum256([]byte(layer)), len(layer))
	if got := files[blobPath(index.Manifests[0].Digest)]; got != wantManifest {
		t.Errorf("manifest\n got %s\nwant %s", got, wantManifest)
	}
	if files["oci-layout"] != `{"imageLayoutVersion":"1.0.0"}` || len(files) != 5 {
		t.Errorf("%d files, oci-layout %s", len(files), files["oci-layout"])
	}
	if !bytes.Equal(plain, z.pack(t, z.write(t), Options{Format: "tar", Epoch: day})) {
		t.Error("the layer is not the tar of the same tree")
	}
}

// A layout in a directory is the one in the tar; it is replaced when it is one, and only then.
func TestImageDir(t *testing.T) {
	z := fullZoo()
	root := z.write(t)
	dir := filepath.Join(t.TempDir(), "image.oci")
	o := plainImage()
	want := untar(t, z.pack(t, root, o))
	o.Format, o.Check = "", true
	for range 2 { // the second time it is replaced
		must(t, WriteFile(t.Context(), dir, z.m, root, o))
		for path, text := range want {
			if got, err := os.ReadFile(filepath.Join(dir, path)); err != nil || string(got) != text {
				t.Errorf("%s: %v, %d bytes, want %d", path, err, len(got), len(text))
			}
		}
		compareLines(t, names(t, filepath.Dir(dir)), []string{"image.oci"})
		compareLines(t, names(t, dir), []string{"blobs", "index.json", "oci-layout"})
	}

	other := t.TempDir()
	must(t, os.WriteFile(filepath.Join(other, "precious"), nil, 0o600))
	o.Format = ociDir
	if err := WriteFile(t.Context(), other, z.m, root, o); err == nil || !strings.Contains(err.Error(), "something else than an image") {
		t.Errorf("a directory with a file in it: %v", err)
	}
	compareLines(t, names(t, other), []string{"precious"})
}

// After an error the old layout is there, and nothing else.
func TestImageDirError(t *testing.T) {
	z := plainZoo()
	root := z.write(t)
	at := t.TempDir()
	dir := filepath.Join(at, "image")
	o := plainImage()
	o.Format = ociDir
	must(t, WriteFile(t.Context(), dir, z.m, root, o))
	must(t, os.WriteFile(filepath.Join(root, "a-b"), []byte("changed"), 0o600))
	if err := WriteFile(t.Context(), dir, z.m, root, o); err == nil {
		t.Error("a changed tree is packed")
	}
	compareLines(t, names(t, at), []string{"image"})
	compareLines(t, names(t, dir), []string{"blobs", "index.json", "oci-layout"})
}

// A blob that is damaged so that its own compression does not notice.
func TestImageCheck(t *testing.T) {
	z := plainZoo()
	root := z.write(t)
	b := z.pack(t, root, plainImage())
	for _, c := range []struct{ old, new, want string }{
		{`"os":"linux"`, `"os":"plan9"`, "its digest is sha256:"},
		{"index.json", "other.json", "header"},
		{`"Cmd":["/bin/sh"]`, `"Cmd":["/bin/su"]`, "its digest is sha256:"},
		{`{"manifests":[{`, `{"MANIFESTS":{{`, "index.json"},
	} {
		bad := bytes.Replace(bytes.Clone(b), []byte(c.old), []byte(c.new), 1)
		if err := Check(t.Context(), bytes.NewReader(bad), z.m, plainImage()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.old, err, c.want)
		}
	}
	z.m.Entries[len(z.m.Entries)-1].Mode ^= 1
	if err := Check(t.Context(), bytes.NewReader(b), z.m, plainImage()); err == nil {
		t.Error("another manifest passes")
	}
}

func TestImageOptions(t *testing.T) {
	z := newZoo()
	root := z.write(t)
	if err := Write(t.Context(), io.Discard, z.m, root, Options{Format: ociDir}); err == nil || !strings.Contains(err.Error(), "WriteFile only") {
		t.Errorf("a directory to a pipe: %v", err)
	}
	o := Options{Format: "tar", Image: Image{Architecture: "arm64"}}
	if err := Write(t.Context(), io.Discard, z.m, root, o); err == nil || !strings.Contains(err.Error(), "image configuration for format tar") {
		t.Errorf("tar with an image configuration: %v", err)
	}
	for text, want := range map[string]string{
		`{"architecture":"arm64","config":{"Cmd":["a"]}}`: "",
		`{}`:                 "",
		`{"rootfs":{}}`:      `unknown field "rootfs"`,
		`{"config":["sh"]}`:  "cannot unmarshal",
		`{} {}`:              "follows",
		``:                   "EOF",
		`{"architecture":1}`: "cannot unmarshal",
	} {
		_, err := ParseImage(strings.NewReader(text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// What is a whiteout to others is in a layer as it is in the tree (ecosystem: "oci").
func TestImageWhiteout(t *testing.T) {
	z := newZoo()
	z.file(manifest.Entry{Path: ".wh.gone", Mode: 0o644}, "")
	z.add(manifest.Entry{Path: "hidden", Type: manifest.TypeChar})
	z.file(manifest.Entry{Path: "ping", Mode: 0o755, Xattrs: []manifest.Xattr{{Name: "security.capability", Value: capability}}}, "#!\n")
	o := plainImage()
	files := untar(t, z.sorted().pack(t, z.write(t), o))
	for path, text := range files {
		if !strings.HasPrefix(text, "\x1f\x8b") {
			continue
		}
		r, err := gzip.NewReader(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		headers := map[string]*tar.Header{}
		for tr := tar.NewReader(r); ; {
			h, err := tr.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			headers[h.Name] = h
		}
		if headers[".wh.gone"] == nil || headers["hidden"].Typeflag != tar.TypeChar || headers["hidden"].Devmajor != 0 {
			t.Errorf("whiteouts: %v", headers)
		}
		if got := headers["ping"].PAXRecords["SCHILY.xattr.security.capability"]; got != string(capability) {
			t.Errorf("capability: %x", got)
		}
	}
}

// untar returns the files of a tar by their names.
func untar(t *testing.T, b []byte) map[string]string {
	t.Helper()
	files := map[string]string{}
	for r := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			files[h.Name] = string(text)
		}
	}
}

func parse(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// names returns the names in a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}
