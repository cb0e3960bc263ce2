package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/feign-build/feign/lies/manifest"
)

// The formats of an image: the directory that the OCI image layout describes (image-spec, image-layout.md), and a tar of it.
const (
	ociDir = "oci"
	ociTar = "oci.tar"
)

// The media types of image-spec, media-types.md.
const (
	mediaIndex    = "application/vnd.oci.image.index.v1+json"
	mediaManifest = "application/vnd.oci.image.manifest.v1+json"
	mediaConfig   = "application/vnd.oci.image.config.v1+json"
	mediaLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// layerFormat is what the one layer of an image is: the most readers take it.
const layerFormat = "tar.gz"

// Image says what an OCI image is besides its files. The zero Image is one for this processor that names nothing to run.
type Image struct {
	// Architecture is the processor by Go's name, by default the one that this program runs on: the only thing
	// in an archive that the machine decides.
	Architecture string
	// Config is what a container is run with: the object "config" of an image configuration (image-spec, config.md), with
	// Entrypoint, Cmd, Env, User, WorkingDir, Labels and so on. It may be nil.
	Config map[string]any
}

// ParseImage reads an image configuration: an object with "architecture" and "config", both optional, as image-spec's config.md
// has them. Other members are errors, since they would be made up anew.
func ParseImage(r io.Reader) (Image, error) {
	var i struct {
		Architecture string         `json:"architecture"`
		Config       map[string]any `json:"config"`
	}
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode(&i); err != nil {
		return Image{}, fmt.Errorf("archive: image configuration: %w (an object with architecture and config)", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Image{}, errors.New("archive: image configuration: something follows the object")
	}
	return Image(i), nil
}

// IsZero reports whether nothing is said.
func (i Image) IsZero() bool { return i.Architecture == "" && i.Config == nil }

// IsImage reports whether a format is an image, and so has a place for an [Image].
func IsImage(format string) bool { return format == ociDir || format == ociTar }

// descriptor is image-spec's descriptor.md. Its members, as all of an image's, are in the order of their names.
type descriptor struct {
	Annotations map[string]string `json:"annotations,omitempty"`
	Digest      string            `json:"digest"`
	MediaType   string            `json:"mediaType"`
	Size        int64             `json:"size"`
}

// A blob is a file of an image: bytes, or the layer.
type blob struct {
	path  string // in the layout
	bytes []byte
	layer *os.File
	size  int64
}

func (b *blob) open() (io.Reader, error) {
	if b.layer == nil {
		return bytes.NewReader(b.bytes), nil
	}
	_, err := b.layer.Seek(0, io.SeekStart)
	return b.layer, err
}

func blobPath(digest string) string { return "blobs/sha256/" + strings.TrimPrefix(digest, "sha256:") }

// image writes the layer to f and returns all files of the layout, in the order in which they are written.
func image(ctx context.Context, f *os.File, m *manifest.Manifest, root string, o Options) ([]blob, error) {
	compressed, plain := sha256.New(), sha256.New()
	layerOptions := o
	layerOptions.Format, layerOptions.diffID = layerFormat, plain
	size := &counter{w: io.MultiWriter(f, compressed)}
	if err := write(ctx, size, m, root, layerOptions); err != nil {
		return nil, err
	}
	layer := descriptor{Digest: digestOf(compressed), MediaType: mediaLayer, Size: size.n}

	arch := o.Image.Architecture
	if arch == "" {
		arch = runtime.GOARCH
	}
	config := map[string]any{
		"architecture": arch,
		"os":           "linux",
		"rootfs":       map[string]any{"diff_ids": []string{digestOf(plain)}, "type": "layers"},
	}
	if !o.Epoch.IsZero() {
		config["created"] = o.Epoch.UTC().Format(time.RFC3339)
	}
	if o.Image.Config != nil {
		config["config"] = o.Image.Config
	}
	configBlob, configDescriptor, err := jsonBlob(config, mediaConfig)
	if err != nil {
		return nil, err
	}
	manifestBlob, manifestDescriptor, err := jsonBlob(map[string]any{
		"config": configDescriptor, "layers": []descriptor{layer}, "mediaType": mediaManifest, "schemaVersion": 2,
	}, mediaManifest)
	if err != nil {
		return nil, err
	}
	// skopeo and umoci find an image in a layout by this name.
	manifestDescriptor.Annotations = map[string]string{"org.opencontainers.image.ref.name": "latest"}
	index, _, err := jsonBlob(map[string]any{
		"manifests": []descriptor{manifestDescriptor}, "mediaType": mediaIndex, "schemaVersion": 2,
	}, mediaIndex)
	if err != nil {
		return nil, err
	}
	index.path = "index.json"
	layout := []byte(`{"imageLayoutVersion":"1.0.0"}`)
	return []blob{
		{path: "oci-layout", bytes: layout, size: int64(len(layout))},
		{path: blobPath(layer.Digest), layer: f, size: layer.Size},
		configBlob, manifestBlob, index,
	}, nil
}

// jsonBlob returns v as JSON that is the same every time: Go sorts the keys of maps.
func jsonBlob(v any, mediaType string) (blob, descriptor, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return blob{}, descriptor{}, fmt.Errorf("archive: image configuration: %w", err)
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	sum := sha256.New()
	sum.Write(text)
	d := descriptor{Digest: digestOf(sum), MediaType: mediaType, Size: int64(len(text))}
	return blob{path: blobPath(d.Digest), bytes: text, size: d.Size}, d, nil
}

func digestOf(h hash.Hash) string { return "sha256:" + hex.EncodeToString(h.Sum(nil)) }

// counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// writeImageTar writes an image layout as a tar. The layer waits in a file without a name, since its size comes first.
func writeImageTar(ctx context.Context, w io.Writer, m *manifest.Manifest, root string, o Options) error {
	f, err := os.CreateTemp(o.spool, ".feign-*.tmp")
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	os.Remove(f.Name()) // works at once but on Windows, so that no way out leaves it behind
	defer func() {
		f.Close()
		os.Remove(f.Name())
	}()
	blobs, err := image(ctx, f, m, root, o)
	if err != nil {
		return err
	}
	t := tar.NewWriter(w)
	at := o.Epoch
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	for _, dir := range []string{"blobs/", "blobs/sha256/"} {
		if err := t.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir, Mode: 0o755, ModTime: at, Format: tar.FormatUSTAR}); err != nil {
			return fmt.Errorf("archive: %w", err)
		}
	}
	for i := range blobs {
		b := &blobs[i]
		r, err := b.open()
		if err == nil {
			err = t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: b.path, Size: b.size, Mode: 0o644, ModTime: at, Format: tar.FormatPAX})
		}
		if err == nil {
			_, err = io.Copy(t, ctxReader{ctx, r})
		}
		if err != nil {
			return fmt.Errorf("archive: %w", err)
		}
	}
	if err := t.Close(); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return nil
}
