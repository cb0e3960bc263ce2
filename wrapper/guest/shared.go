package guest

// Shared is what the Kernels of several actions know of files together, besides what is claimed in the index that they share: of
// files without a name, and of modes on the disk. The zero Shared is ready. It may be used from any goroutine.
//
// Its locks come before those of the index.
type Shared struct {
	orphans orphans
	widened widenings
}
