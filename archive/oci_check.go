package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/feign-build/feign/lies/manifest"
)

// maxJSON is the longest file of an image, but for its layer, that is read back.
const maxJSON = 4 << 20

// An imageCheck reads an image layout back: index.json leads by digests to a layer that is m.
type imageCheck struct {
	m      *manifest.Manifest
	o      Options
	texts  map[string][]byte // what is no layer, by path; blobs have the digests that are their names
	layers map[string]string // the digest of the uncompressed layer, by path
}

// checkImageTar reads a tar of an image layout back.
func checkImageTar(ctx context.Context, r io.Reader, m *manifest.Manifest, o Options) error {
	c := imageCheck{m: m, o: o}
	t := tar.NewReader(bufio.NewReaderSize(ctxReader{ctx, r}, bufferSize))
	for {
		h, err := t.Next()
		if err == io.EOF {
			return c.finish()
		}
		if err != nil {
			return fmt.Errorf("archive: reading it back: %w", err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if err := c.add(ctx, h.Name, t); err != nil {
			return err
		}
	}
}

// openBlob adds the file name, which is called path in the layout.
func (c *imageCheck) openBlob(ctx context.Context, name, path string) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	defer f.Close()
	return c.add(ctx, path, ctxReader{ctx, f})
}

// add reads one file of the layout. A layer is compared with the manifest at once.
func (c *imageCheck) add(ctx context.Context, path string, r io.Reader) error {
	fail := func(err error) error { return fmt.Errorf("archive: reading it back: %s: %w", path, err) }
	sum := sha256.New()
	b := bufio.NewReader(io.TeeReader(r, sum))
	magic, _ := b.Peek(2)
	if bytes.Equal(magic, []byte{0x1f, 0x8b}) { // RFC 1952; JSON begins otherwise
		plain := sha256.New()
		o := c.o
		o.Format, o.diffID = layerFormat, plain
		if err := Check(ctx, b, c.m, o); err != nil {
			return err
		}
		if c.layers == nil {
			c.layers = map[string]string{}
		}
		c.layers[path] = digestOf(plain)
	} else {
		text, err := io.ReadAll(io.LimitReader(b, maxJSON))
		if err != nil {
			return fail(err)
		}
		if c.texts == nil {
			c.texts = map[string][]byte{}
		}
		c.texts[path] = text
	}
	if _, err := io.Copy(io.Discard, b); err != nil {
		return fail(err)
	}
	if strings.HasPrefix(path, "blobs/") && blobPath(digestOf(sum)) != path {
		return fail(fmt.Errorf("its digest is %s", digestOf(sum)))
	}
	return nil
}

// finish follows the digests.
func (c *imageCheck) finish() error {
	var index struct{ Manifests []descriptor }
	var image struct {
		Config descriptor
		Layers []descriptor
	}
	var config struct {
		Rootfs struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	if err := c.parse("oci-layout", &struct{}{}); err != nil {
		return err
	}
	if err := c.parse("index.json", &index); err != nil {
		return err
	}
	if n := len(index.Manifests); n != 1 {
		return fmt.Errorf("archive: reading it back: the index has %d images", n)
	}
	if err := c.parse(blobPath(index.Manifests[0].Digest), &image); err != nil {
		return err
	}
	if err := c.parse(blobPath(image.Config.Digest), &config); err != nil {
		return err
	}
	if len(image.Layers) != 1 || len(c.layers) != 1 || len(config.Rootfs.DiffIDs) != 1 {
		return fmt.Errorf("archive: reading it back: the image has %d layers", len(image.Layers))
	}
	if got, ok := c.layers[blobPath(image.Layers[0].Digest)]; !ok || got != config.Rootfs.DiffIDs[0] {
		return fmt.Errorf("archive: reading it back: the layer is %s, the configuration says %s", got, config.Rootfs.DiffIDs[0])
	}
	return nil
}

func (c *imageCheck) parse(path string, v any) error {
	text, ok := c.texts[path]
	if !ok {
		return fmt.Errorf("archive: reading it back: %s is not there", path)
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("archive: reading it back: %s: %w", path, err)
	}
	return nil
}
