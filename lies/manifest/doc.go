// Package manifest describes trees of files as canonical text: what an action believes about each path, with owners,
// modes, devices, attributes and digests, and without anything that depends on the machine.
//
// # Promise
//
// The text is mtree(5), version 2.0, and bsdtar reads it directly; docs/MANIFEST.md defines it. A manifest has one text
// and a text that is read is that one text: Read accepts nothing else, and what it accepts is written again byte for
// byte. So the digest of the text identifies the tree. Compression does not change the digest.
//
// The same tree gives the same manifest, whatever the user, umask, locale, time zone, order of directories, number of
// processors and inode numbers. Manifests and trees may come from strangers: a text that is too long, malformed or
// contradictory is an error that names the line; a tree that changes while it is read is an error that names the path.
//
// # In a nutshell
//
//	m, err := manifest.Scan(ctx, root, manifest.Options{Claims: manifest.Claims(index), Digest: true})
//	err = m.WriteFile("out.mtree.zst")                             // atomic; compressed because of the name
//
//	m, err = manifest.ReadFile("out.mtree.zst")
//	digest, err := m.Digest()                                      // "sha256:..."
//	diffs, err := manifest.Verify(ctx, m, tree, manifest.VerifyOptions{})
//	err = manifest.Carry(ctx, m, tree)                             // for caches that keep contents only
//	bound, err := manifest.Bind(ctx, m, tree)                      // lies about a copy, by path
//	err = manifest.ConvertFile(ctx, "out.pseudo", m, manifest.ConvertOptions{Format: "mksquashfs", Tree: tree})
//	for _, d := range manifest.Diff(before, after) { fmt.Println(d) }
//
// Reading trees (Scan, Verify, Bind) needs Linux; everything else works everywhere.
//
// # Goroutines
//
// No locks: a Manifest may be read by several goroutines and must not be changed meanwhile. The functions may be called
// at the same time. Scan calls Options.Claims, Owner and KeepXattr from one goroutine at a time.
package manifest
